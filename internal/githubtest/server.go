// Package githubtest is a GitHub on the loopback interface for tests: it
// checks every request against GitHub's own OpenAPI description, and refuses
// what GitHub refuses beyond that (comments outside the diff, long bodies,
// tokens that may only read).
package githubtest

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

//go:embed testdata/github-openapi.json
var description []byte

// Scenario is the state of one pull request and the temper of the server.
type Scenario struct {
	HeadSHA  string    `json:"head_sha"`
	Files    []File    `json:"files"`
	Review   []Comment `json:"review"`       // comments on lines and files
	Issue    []Comment `json:"conversation"` // comments on the pull request as a whole
	Login    string    `json:"login"`        // who the token belongs to; empty: a workflow's token, which cannot ask
	ReadOnly bool      `json:"read_only"`    // writes are refused
	Limited  int       `json:"limited"`      // so many requests are answered with 429 first
	Picky    string    `json:"picky"`        // a path on which no line is accepted, whatever the diff says
	PerPage  int       `json:"per_page"`     // overrides the page size, to have several pages
}

// File is a changed file of the pull request.
type File struct {
	Name     string `json:"filename"`
	Previous string `json:"previous_filename,omitempty"`
	Status   string `json:"status"`
	Patch    string `json:"patch,omitempty"`
}

// Comment is a comment as the API has it.
type Comment struct {
	ID          int64  `json:"id"`
	User        User   `json:"user"`
	Body        string `json:"body"`
	Path        string `json:"path,omitempty"`
	Side        string `json:"side,omitempty"`
	Line        int    `json:"line,omitempty"`
	StartLine   int    `json:"start_line,omitempty"`
	SubjectType string `json:"subject_type,omitempty"`
	CommitID    string `json:"commit_id,omitempty"`
}

// User is a comment's author.
type User struct {
	Login string `json:"login"`
}

// Bot is who a workflow's token comments as.
const Bot = "github-actions[bot]"

// Server is a running loopback GitHub.
type Server struct {
	*httptest.Server
	router routers.Router

	mu         sync.Mutex
	scenario   Scenario
	writes     []string // method and path of each accepted write
	violations []string
	nextID     int64
}

// New starts a server. Close it.
func New(scenario Scenario) (*Server, error) {
	s := &Server{scenario: scenario, nextID: 1000}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	doc, err := openapi3.NewLoader().LoadFromData(description)
	if err != nil {
		return nil, err
	}
	doc.Servers = openapi3.Servers{{URL: s.URL}}
	s.router, err = gorillamux.NewRouter(doc)
	return s, err
}

// State is what the server holds now.
func (s *Server) State() Scenario {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.scenario
}

// Change alters the state, as a push or a person would.
func (s *Server) Change(how func(*Scenario)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	how(&s.scenario)
	s.writes = nil
}

// Writes are the writes that were accepted since the start or the last Change.
func (s *Server) Writes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.writes...)
}

// Violations are requests that do not follow GitHub's description.
func (s *Server) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.violations...)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.violate("%s %s: %v", r.Method, r.URL.Path, err)
		return
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	s.validate(r)
	if s.scenario.Limited > 0 {
		s.scenario.Limited--
		w.Header().Set("Retry-After", "1")
		answer(w, http.StatusTooManyRequests, map[string]any{"message": "You have exceeded a secondary rate limit."})
		return
	}
	if r.Method != http.MethodGet && s.scenario.ReadOnly {
		answer(w, http.StatusForbidden, map[string]any{"message": "Resource not accessible by integration"})
		return
	}
	s.route(w, r, body)
}

func (s *Server) violate(format string, args ...any) {
	s.violations = append(s.violations, fmt.Sprintf(format, args...))
}

// validate checks path, parameters and body against the description.
func (s *Server) validate(r *http.Request) {
	route, params, err := s.router.FindRoute(r)
	if err != nil {
		s.violate("%s %s: %v", r.Method, r.URL.Path, err)
		return
	}
	err = openapi3filter.ValidateRequest(context.Background(), &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	})
	if err != nil {
		s.violate("%s %s: %v", r.Method, r.URL.Path, err)
	}
}

func (s *Server) route(w http.ResponseWriter, r *http.Request, body []byte) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	tail := ""
	if len(parts) > 3 {
		tail = r.Method + " " + strings.Join(parts[3:], "/")
	}
	switch {
	case r.URL.Path == "/user" && s.scenario.Login != "":
		answer(w, http.StatusOK, map[string]any{"login": s.scenario.Login})
	case r.URL.Path == "/user":
		answer(w, http.StatusForbidden, map[string]any{"message": "Resource not accessible by integration"})
	case strings.HasSuffix(tail, "/files"):
		page(w, r, s, s.scenario.Files)
	case strings.HasPrefix(tail, "POST pulls/") && strings.HasSuffix(tail, "/reviews"):
		s.createReview(w, body)
	case strings.HasPrefix(tail, "GET pulls/") && strings.HasSuffix(tail, "/comments"):
		page(w, r, s, s.scenario.Review)
	case strings.HasPrefix(tail, "POST pulls/") && strings.HasSuffix(tail, "/comments"):
		s.createComment(w, body)
	case strings.HasPrefix(tail, "PATCH pulls/comments/"):
		s.edit(w, s.scenario.Review, parts[len(parts)-1], body)
	case strings.HasPrefix(tail, "GET issues/") && strings.HasSuffix(tail, "/comments"):
		page(w, r, s, s.scenario.Issue)
	case strings.HasPrefix(tail, "POST issues/"):
		s.createIssueComment(w, body)
	case strings.HasPrefix(tail, "PATCH issues/comments/"):
		s.edit(w, s.scenario.Issue, parts[len(parts)-1], body)
	case strings.HasPrefix(tail, "GET pulls/"):
		answer(w, http.StatusOK, map[string]any{"number": 1, "state": "open", "head": map[string]any{"sha": s.scenario.HeadSHA}})
	default:
		answer(w, http.StatusNotFound, map[string]any{"message": "Not Found"})
	}
}

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(value); err != nil {
		panic(err)
	}
}

// page answers a list in pages, with the Link header that clients follow.
func page[T any](w http.ResponseWriter, r *http.Request, s *Server, all []T) {
	size, number := 30, 1
	if n, err := strconv.Atoi(r.URL.Query().Get("per_page")); err == nil {
		size = min(n, 100)
	}
	if s.scenario.PerPage > 0 {
		size = s.scenario.PerPage
	}
	if n, err := strconv.Atoi(r.URL.Query().Get("page")); err == nil {
		number = n
	}
	from, to := min(len(all), (number-1)*size), min(len(all), number*size)
	if to < len(all) {
		query := r.URL.Query()
		query.Set("page", strconv.Itoa(number+1))
		w.Header().Set("Link", fmt.Sprintf(`<%s%s?%s>; rel="next"`, s.URL, r.URL.Path, query.Encode()))
	}
	answer(w, http.StatusOK, append([]T{}, all[from:to]...))
}
