package githubtest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// respond answers with the value, completed to what GitHub's description
// requires of this answer, and checks the result against it. Only what
// scenarios care about is said by hand.
func (s *Server) respond(w http.ResponseWriter, status int, value any) {
	body, err := s.completed(status, value)
	if err != nil {
		s.violate("answer %d: %v", status, err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		s.violate("answer %d: %v", status, err)
	}
	s.validateAnswer(status, w.Header(), body)
}

func (s *Server) completed(status int, value any) ([]byte, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var plain any
	if err := json.Unmarshal(data, &plain); err != nil {
		return nil, err
	}
	if schema := s.schema(status); schema != nil {
		plain = complete(schema, plain, true)
	}
	return json.Marshal(plain)
}

// schema is that of the current request's answer, nil where the description
// has none, as of rate limits.
func (s *Server) schema(status int) *openapi3.Schema {
	if s.input == nil {
		return nil
	}
	response := s.input.Route.Operation.Responses.Status(status)
	if response == nil {
		return nil
	}
	media := response.Value.Content.Get("application/json")
	if media == nil {
		return nil
	}
	return media.Schema.Value
}

func (s *Server) validateAnswer(status int, header http.Header, body []byte) {
	if s.schema(status) == nil {
		return
	}
	err := openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: s.input, Status: status, Header: header, Body: io.NopCloser(bytes.NewReader(body)),
	})
	if err != nil {
		s.violate("own answer to %s %s: %v", s.input.Request.Method, s.input.Request.URL.Path, err)
	}
}

// complete adds required properties that are missing, with the plainest value
// that the schema takes. there says that value was given, be it null.
func complete(schema *openapi3.Schema, value any, there bool) any {
	if !there && schema.Nullable {
		return nil
	}
	for _, one := range slices.Concat(schema.AllOf, schema.OneOf, schema.AnyOf) {
		value, there = complete(one.Value, value, there), true
		if len(schema.AllOf) == 0 {
			break
		}
	}
	switch {
	case schema.Type.Is("object") && (!there || isObject(value)):
		return completeObject(schema, value)
	case schema.Type.Is("array"):
		items, ok := value.([]any)
		if !ok {
			return []any{}
		}
		for i := range items {
			items[i] = complete(schema.Items.Value, items[i], true)
		}
		return items
	case there:
		return value
	}
	return plainest(schema)
}

func isObject(value any) bool {
	_, ok := value.(map[string]any)
	return ok
}

func completeObject(schema *openapi3.Schema, value any) map[string]any {
	object := map[string]any{}
	if given, ok := value.(map[string]any); ok {
		maps.Copy(object, given)
	}
	for name, property := range schema.Properties {
		given, there := object[name]
		if there || slices.Contains(schema.Required, name) {
			object[name] = complete(property.Value, given, there)
		}
	}
	return object
}

func plainest(schema *openapi3.Schema) any {
	switch {
	case len(schema.Enum) > 0:
		return schema.Enum[0]
	case schema.Type.Is("boolean"):
		return false
	case schema.Type.Is("integer"), schema.Type.Is("number"):
		return 1
	case schema.Format == "date-time":
		return "2026-01-01T00:00:00Z"
	case schema.Format == "uri":
		return "https://github.example/x"
	case schema.Format == "email":
		return "nobody@github.example"
	}
	return strings.Repeat("x", max(1, int(schema.MinLength)))
}

// number is a positive decimal, or the value to use otherwise.
func number(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		return n
	}
	return otherwise
}
