package github_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/rendergate/rendergate/internal/fetch"
	"github.com/rendergate/rendergate/internal/github"
	"github.com/rendergate/rendergate/internal/report"
)

// TestEnterpriseBehindAProxy asks the server that GITHUB_API_URL names, its
// GraphQL beside it, through the proxy of the environment.
func TestEnterpriseBehindAProxy(t *testing.T) {
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.String())
		comment := map[string]any{"id": 5, "node_id": "n", "user": map[string]any{"login": "robin"}, "body": "x\n\n" + marker(1)}
		answer := any(map[string]any{"head": map[string]any{"sha": sha}, "login": "robin", "data": map[string]any{}})
		if r.Method == http.MethodGet && r.URL.Query().Has("per_page") {
			answer = []any{}
			if r.URL.Path == "/api/v3/repos/acme/shop/pulls/1/comments" {
				answer = []any{comment}
			}
		}
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			t.Error(err)
		}
	}))
	defer proxy.Close()
	t.Setenv("HTTP_PROXY", proxy.URL)
	getenv := func(name string) string {
		return map[string]string{"GITHUB_API_URL": "http://ghe.example.test/api/v3"}[name]
	}
	client, err := github.Client(getenv, "token", fetch.Network(), func(context.Context, time.Duration) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	o := github.Poster{Client: client, Owner: "acme", Repo: "shop", Number: 1, HeadSHA: sha}.Post(t.Context(), &report.Report{Verdict: report.Pass}, "")
	if o.Fixed != 1 || len(o.Degraded) > 0 {
		t.Errorf("outcome %+v", o)
	}
	for _, want := range []string{"GET http://ghe.example.test/api/v3/repos/acme/shop/pulls/1", "PATCH http://ghe.example.test/api/v3/repos/acme/shop/pulls/comments/5", "POST http://ghe.example.test/api/graphql"} {
		if !slices.Contains(asked, want) {
			t.Errorf("%s was not asked for: %q", want, asked)
		}
	}
}
