// Package githubtest is a GitHub on the loopback interface for tests: it
// checks every request and its own answers against GitHub's OpenAPI
// description, and refuses what GitHub refuses beyond that (comments outside
// the diff, long bodies, tokens that may only read).
package githubtest

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
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
	Login    string    `json:"login"`        // who the token belongs to, empty for a workflow's; a [bot] cannot ask
	ReadOnly bool      `json:"read_only"`    // writes are refused
	Limited  int       `json:"limited"`      // so many requests are answered with 429 first
	Picky    string    `json:"picky"`        // a path on which no line is accepted, whatever the diff says
	PerPage  int       `json:"per_page"`     // overrides the page size, to have several pages
	Faults   []Fault   `json:"faults"`       // requests that go wrong, each for a while

	Scanning Scanning `json:"scanning"`

	MergeBase string `json:"merge_base"` // what comparing commits says

	Author  string              `json:"author"`  // of the pull request
	Reviews []Review            `json:"reviews"` // oldest first
	Teams   map[string][]string `json:"teams"`   // org/team to its members; nil: the token may not know
}

// Fault is an answer that requests get instead of their own.
type Fault struct {
	Method     string `json:"method"` // empty: any
	Suffix     string `json:"suffix"` // of the path
	Status     int    `json:"status"`
	Message    string `json:"message"`
	RetryAfter string `json:"retry_after"`
	Times      int    `json:"times"` // so often, then no more
}

// File is a changed file of the pull request.
type File struct {
	Name     string `json:"filename"`
	Previous string `json:"previous_filename,omitempty"`
	Status   string `json:"status"` // modified unless given
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

// Review is a review as the API has it.
type Review struct {
	ID       int64  `json:"id"`
	User     User   `json:"user"`
	State    string `json:"state"` // APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED
	CommitID string `json:"commit_id"`
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
	writes     []string // a word about each accepted write
	requests   []string // method and path of each request
	violations []string
	nextID     int64

	input *openapi3filter.RequestValidationInput // the request being served; nil when the description does not know it
}

// Open starts a server from a scenario in a JSON file. Close it.
func Open(path string) (*Server, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var scenario Scenario
	if err := decoder.Decode(&scenario); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return New(scenario)
}

// Dump is as JSON what the server holds and was told: the state of the pull
// request, the writes and the violations.
func (s *Server) Dump() ([]byte, error) {
	return json.MarshalIndent(struct {
		State      Scenario `json:"state"`
		Writes     []string `json:"writes"`
		Violations []string `json:"violations"`
	}{s.State(), s.Writes(), s.Violations()}, "", "  ")
}

// New starts a server. Close it.
func New(scenario Scenario) (*Server, error) {
	s := &Server{scenario: scenario, nextID: 1000}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	if err := s.describe(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Server) describe() error {
	doc, err := openapi3.NewLoader().LoadFromData(description)
	if err != nil {
		return err
	}
	doc.Servers = openapi3.Servers{{URL: s.URL}}
	s.router, err = gorillamux.NewRouter(doc)
	return err
}

// State is what the server holds now.
func (s *Server) State() Scenario {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := s.scenario
	state.Files, state.Faults = slices.Clone(state.Files), slices.Clone(state.Faults)
	state.Review, state.Issue = slices.Clone(state.Review), slices.Clone(state.Issue)
	return state
}

// Change alters the state, as a push or a person would.
func (s *Server) Change(how func(*Scenario)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	how(&s.scenario)
	s.writes, s.requests = nil, nil
}

// Requests are the method and path of all requests since the start or the last
// Change, those that were refused included.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.requests...)
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
	r.Body = io.NopCloser(bytes.NewReader(body))
	s.requests = append(s.requests, r.Method+" "+r.URL.Path)
	s.validate(r)
	if s.scenario.Limited > 0 {
		s.scenario.Limited--
		w.Header().Set("Retry-After", "1")
		s.respond(w, http.StatusTooManyRequests, map[string]any{"message": "You have exceeded a secondary rate limit."})
		return
	}
	if s.fault(w, r) {
		return
	}
	if r.Method != http.MethodGet && s.scenario.ReadOnly {
		s.respond(w, http.StatusForbidden, map[string]any{"message": "Resource not accessible by integration"})
		return
	}
	s.route(w, r, body)
}

// fault answers instead of the pull request where the scenario says so.
func (s *Server) fault(w http.ResponseWriter, r *http.Request) bool {
	for i := range s.scenario.Faults {
		f := &s.scenario.Faults[i]
		if f.Times == 0 || f.Method != "" && f.Method != r.Method || !strings.HasSuffix(r.URL.Path, f.Suffix) {
			continue
		}
		f.Times--
		if f.RetryAfter != "" {
			w.Header().Set("Retry-After", f.RetryAfter)
		}
		s.respond(w, f.Status, map[string]any{"message": f.Message})
		return true
	}
	return false
}

func (s *Server) violate(format string, args ...any) {
	s.violations = append(s.violations, fmt.Sprintf(format, args...))
}

// validate checks path, parameters and body against the description.
func (s *Server) validate(r *http.Request) {
	s.input = nil
	route, params, err := s.router.FindRoute(r)
	if err != nil {
		s.violate("%s %s: %v", r.Method, r.URL.Path, err)
		return
	}
	s.input = &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
	if err := openapi3filter.ValidateRequest(context.Background(), s.input); err != nil {
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
	case r.URL.Path == "/user" && s.scenario.Login != "" && !strings.HasSuffix(s.scenario.Login, "[bot]"):
		s.respond(w, http.StatusOK, map[string]any{"login": s.scenario.Login, "user_view_type": "private"})
	case r.URL.Path == "/user":
		s.respond(w, http.StatusForbidden, map[string]any{"message": "Resource not accessible by integration"})
	case r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/orgs/"):
		s.membership(w, parts)
	case strings.HasPrefix(tail, "GET pulls/") && strings.HasSuffix(tail, "/reviews"):
		page(w, r, s, s.scenario.Reviews)
	case strings.HasSuffix(tail, "/files"):
		page(w, r, s, s.files())
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
		s.respond(w, http.StatusOK, map[string]any{"number": number(parts[len(parts)-1], 1), "state": "open", "head": map[string]any{"sha": s.scenario.HeadSHA}, "user": map[string]any{"login": orElse(s.scenario.Author, "octocat")}})
	case tail == "POST code-scanning/sarifs":
		s.upload(w, body)
	case strings.HasPrefix(tail, "GET code-scanning/sarifs/"):
		s.processed(w)
	case strings.HasPrefix(tail, "GET compare/") && s.scenario.MergeBase != "":
		s.respond(w, http.StatusOK, map[string]any{"merge_base_commit": map[string]any{"sha": s.scenario.MergeBase}})
	default:
		s.respond(w, http.StatusNotFound, map[string]any{"message": "Not Found"})
	}
}

// membership answers GET /orgs/ORG/teams/TEAM/memberships/LOGIN.
func (s *Server) membership(w http.ResponseWriter, parts []string) {
	if len(parts) != 6 || s.scenario.Teams == nil {
		s.respond(w, http.StatusForbidden, map[string]any{"message": "Resource not accessible by integration"})
		return
	}
	if !slices.Contains(s.scenario.Teams[parts[1]+"/"+parts[3]], parts[5]) {
		s.respond(w, http.StatusNotFound, map[string]any{"message": "Not Found"})
		return
	}
	s.respond(w, http.StatusOK, map[string]any{"state": "active", "role": "member"})
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// files are the changed files with the status that GitHub always tells.
func (s *Server) files() []File {
	all := slices.Clone(s.scenario.Files)
	for i := range all {
		if all[i].Status == "" {
			all[i].Status = "modified"
		}
	}
	return all
}

// page answers a list in pages, with the Link header that clients follow.
func page[T any](w http.ResponseWriter, r *http.Request, s *Server, all []T) {
	size, at := min(100, number(r.URL.Query().Get("per_page"), 30)), number(r.URL.Query().Get("page"), 1)
	if s.scenario.PerPage > 0 {
		size = s.scenario.PerPage
	}
	from, to := min(len(all), (at-1)*size), min(len(all), at*size)
	if to < len(all) {
		query := r.URL.Query()
		query.Set("page", strconv.Itoa(at+1))
		w.Header().Set("Link", fmt.Sprintf(`<%s%s?%s>; rel="next"`, s.URL, r.URL.Path, query.Encode()))
	}
	s.respond(w, http.StatusOK, append([]T{}, all[from:to]...))
}
