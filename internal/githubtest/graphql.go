package githubtest

import (
	_ "embed"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
)

//go:embed testdata/github.graphql
var graphQLSchema string

// graphQL checks a query against GitHub's schema and does what it asks for, of
// the little that anybody here asks for. Errors come with status 200.
func (s *Server) graphQL(w http.ResponseWriter, body []byte) {
	var request struct {
		Query     string         `json:"query"`
		Variables map[string]any `json:"variables"`
	}
	if err := json.Unmarshal(body, &request); err != nil {
		s.violate("GraphQL: %v", err)
	}
	field := s.field(request.Query, request.Variables)
	if field == nil {
		s.respond(w, http.StatusOK, map[string]any{"errors": []any{map[string]any{"message": "the query does not follow the schema"}}})
		return
	}
	id, _ := request.Variables["id"].(string)
	switch {
	case field.Name == "viewer" && s.scenario.Anonymous:
		s.respond(w, http.StatusOK, map[string]any{"errors": []any{map[string]any{"type": "FORBIDDEN", "message": "Resource not accessible by integration"}}})
	case field.Name == "viewer":
		s.respond(w, http.StatusOK, map[string]any{"data": map[string]any{"viewer": map[string]any{"login": s.author().Login}}})
	case field.Name == "repository":
		s.respond(w, http.StatusOK, map[string]any{"data": s.threads()})
	case field.Name == "minimizeComment" && s.scenario.Minimizes && !s.scenario.ReadOnly:
		s.mark(id, func(c *Comment) { c.Minimized = "RESOLVED" })
		s.writes = append(s.writes, "hiding of "+id)
		s.respond(w, http.StatusOK, map[string]any{"data": map[string]any{"minimizeComment": map[string]any{"minimizedComment": map[string]any{"isMinimized": true}}}})
	case field.Name == "resolveReviewThread" && s.scenario.Resolves && !s.scenario.ReadOnly:
		s.mark(strings.Replace(id, "PRRT", "PRRC", 1), func(c *Comment) { c.Resolved = true })
		s.writes = append(s.writes, "closing of "+id)
		s.respond(w, http.StatusOK, map[string]any{"data": map[string]any{"resolveReviewThread": map[string]any{"thread": map[string]any{"isResolved": true}}}})
	default:
		s.respond(w, http.StatusOK, map[string]any{
			"data":   map[string]any{field.Name: nil},
			"errors": []any{map[string]any{"type": "FORBIDDEN", "message": "Resource not accessible by integration", "path": []string{field.Name}}},
		})
	}
}

var schemaOnce = sync.OnceValues(func() (*ast.Schema, error) {
	return gqlparser.LoadSchema(&ast.Source{Name: "github.graphql", Input: graphQLSchema})
})

// field is the one field of an operation that follows the schema, nil where it
// does not.
func (s *Server) field(query string, variables map[string]any) *ast.Field {
	schema, err := schemaOnce()
	if err != nil {
		s.violate("the schema: %v", err)
		return nil
	}
	document, list := gqlparser.LoadQueryWithRules(schema, query, nil)
	if len(list) > 0 {
		s.violate("GraphQL: %v", list)
		return nil
	}
	operation := document.Operations[0]
	if _, err := validator.VariableValues(schema, operation, variables); err != nil {
		s.violate("GraphQL: %v", err)
		return nil
	}
	field, _ := operation.SelectionSet[0].(*ast.Field)
	return field
}

func (s *Server) mark(node string, how func(*Comment)) {
	at := slices.IndexFunc(s.scenario.Review, func(c Comment) bool { return c.NodeID == node })
	if at < 0 {
		s.violate("there is no comment %q", node)
		return
	}
	how(&s.scenario.Review[at])
}

// threads are the conversations, each begun by a comment that answers none.
func (s *Server) threads() map[string]any {
	nodes := []any{}
	for _, c := range s.scenario.Review {
		if c.InReplyTo == 0 {
			nodes = append(nodes, map[string]any{
				"id": strings.Replace(c.NodeID, "PRRC", "PRRT", 1), "isResolved": c.Resolved, "viewerCanResolve": s.scenario.Resolves,
				"comments": map[string]any{"nodes": []any{map[string]any{"id": c.NodeID}}},
			})
		}
	}
	return map[string]any{"repository": map[string]any{"pullRequest": map[string]any{"reviewThreads": map[string]any{
		"nodes": nodes, "pageInfo": map[string]any{"hasNextPage": false, "endCursor": nil},
	}}}}
}
