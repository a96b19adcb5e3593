package render

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"helm.sh/helm/v3/pkg/chart"
)

// schemaURL is the name that helm gives a chart's schema, and messages repeat.
const schemaURL = "file:///values.schema.json"

// validate checks values against values.schema.json of a chart and of its
// subcharts, in helm's words. Helm would fetch what a schema refers to, over the
// network or from this machine's disk; here such a part is not read, and accepts
// whatever it is asked about: a schema decides what is refused, never what is
// deployed.
func validate(c *chart.Chart, values map[string]any) error {
	text, err := invalid(c, values)
	if err != nil {
		return err
	}
	if text != "" {
		return fmt.Errorf("values don't meet the specifications of the schema(s) in the following chart(s):\n%s", text)
	}
	return nil
}

// invalid says what is wrong, chart by chart.
func invalid(c *chart.Chart, values map[string]any) (string, error) {
	var text strings.Builder
	if c.Schema != nil {
		if err := validateOne(c.Schema, values); err != nil {
			fmt.Fprintf(&text, "%s:\n%s", c.Name(), err)
		}
	}
	for _, sub := range c.Dependencies() {
		raw := values[sub.Name()]
		if raw == nil {
			continue
		}
		inner, ok := raw.(map[string]any)
		if !ok {
			fmt.Fprintf(&text, "%s:\ninvalid type for values: expected object (map), got %T\n", sub.Name(), raw)
			continue
		}
		below, err := invalid(sub, inner)
		if err != nil {
			return "", err
		}
		text.WriteString(below)
	}
	return text.String(), nil
}

func validateOne(schema []byte, values map[string]any) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("unable to validate schema: %v", r)
		}
	}()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return err
	}
	compiled, unread, err := compile(document)
	if err != nil {
		return err
	}
	if err := compiled.Validate(values); err != nil {
		text := strings.TrimPrefix(err.Error(), "jsonschema validation failed with '"+schemaURL+"#'\n") + "\n"
		if len(unread) > 0 {
			text += "(not read, since a render reaches neither the network nor files outside the chart: " + strings.Join(unread, ", ") + ")\n"
		}
		return errors.New(text)
	}
	return nil
}

// maxUnread bounds the documents outside that a schema may refer to.
const maxUnread = 64

// compile prepares a schema and returns the documents outside of it that it
// refers to. The library knows best which those are, so it is asked again
// after each.
func compile(document any) (*jsonschema.Schema, []string, error) {
	base, err := url.Parse(schemaURL)
	if err != nil {
		return nil, nil, err
	}
	var unread []string
	for {
		outside := &refused{}
		compiler := jsonschema.NewCompiler()
		compiler.UseLoader(outside)
		if err := compiler.AddResource(schemaURL, document); err != nil {
			return nil, nil, err
		}
		compiled, err := compiler.Compile(schemaURL)
		if err == nil {
			return compiled, unread, nil
		}
		if outside.url == "" || !dropRefs(document, base, outside.url) {
			return nil, nil, err
		}
		if unread = append(unread, outside.url); len(unread) > maxUnread {
			return nil, nil, fmt.Errorf("the schema refers to more than %d documents outside of it", maxUnread)
		}
	}
}

// refused loads nothing and remembers what was asked for.
type refused struct{ url string }

func (r *refused) Load(address string) (any, error) {
	r.url = address
	return nil, errors.New("not read, since a render reaches neither the network nor files outside the chart")
}

// dropRefs takes away the references to a document and says whether there were
// any. What is left where one stood accepts everything.
func dropRefs(node any, base *url.URL, document string) bool {
	dropped := false
	switch node := node.(type) {
	case []any:
		for _, item := range node {
			dropped = dropRefs(item, base, document) || dropped
		}
	case map[string]any:
		for _, key := range []string{"$id", "id"} {
			if id, ok := node[key].(string); ok {
				if u, err := base.Parse(id); err == nil {
					base = u
				}
			}
		}
		for key, value := range node {
			text, isText := value.(string)
			switch key {
			case "$ref", "$dynamicRef", "$recursiveRef", "$schema":
				if u, err := base.Parse(text); isText && err == nil {
					u.Fragment, u.RawFragment = "", ""
					if u.String() == document {
						delete(node, key)
						dropped = true
					}
				}
			case "enum", "const", "default", "examples": // values, not schemas
				continue
			}
			dropped = dropRefs(value, base, document) || dropped
		}
	}
	return dropped
}
