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
	HeadSHA   string    `json:"head_sha"`
	Files     []File    `json:"files"`
	Review    []Comment `json:"review"`       // comments on lines and files
	Issue     []Comment `json:"conversation"` // comments on the pull request as a whole
	Login     string    `json:"login"`        // who the token belongs to, empty for a workflow's; a [bot] cannot ask
	ReadOnly  bool      `json:"read_only"`    // writes are refused
	Anonymous bool      `json:"anonymous"`    // GraphQL does not say whose the token is either
	Limited   int       `json:"limited"`      // so many requests are answered with 429 first
	Picky     string    `json:"picky"`        // a path on which no line is accepted, whatever the diff says
	PerPage   int       `json:"per_page"`     // overrides the page size, to have several pages
	Faults    []Fault   `json:"faults"`       // requests that go wrong, each for a while

	Minimizes bool `json:"minimizes"` // the token may hide comments
	Resolves  bool `json:"resolves"`  // the token may close conversations

	Scanning Scanning `json:"scanning"`

	MergeBase string `json:"merge_base"` // what comparing commits says

	HeadRepo   string `json:"head_repo"`   // owner/name of where the pull request comes from, acme/shop unless given
	HeadBranch string `json:"head_branch"` // topic unless given

	Author  string              `json:"author"`  // of the pull request
	Reviews []Review            `json:"reviews"` // oldest first
	Teams   map[string][]string `json:"teams"`   // org/team to its members; nil: the token may not know
}

// Fault is an answer that requests get instead of their own.
type Fault struct {
	Method     string `json:"method"` // empty: any
	Suffix     string `json:"suffix"` // of the path
	Call       int    `json:"call"`   // only this one of all requests since the start or the last Change; 0: any
	Status     int    `json:"status"`
	Message    string `json:"message"`
	RetryAfter string `json:"retry_after"`
	Times      int    `json:"times"` // so often, then no more
	After      bool   `json:"after"` // what was asked is done all the same
	Cut        bool   `json:"cut"`   // the connection ends instead of an answer
	Hang       bool   `json:"hang"`  // no answer comes until the client gives up
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
	NodeID      string `json:"node_id,omitempty"`
	User        User   `json:"user"`
	Body        string `json:"body"`
	InReplyTo   int64  `json:"in_reply_to_id,omitempty"`
	Path        string `json:"path,omitempty"`
	Side        string `json:"side,omitempty"`
	Line        int    `json:"line,omitempty"`
	StartLine   int    `json:"start_line,omitempty"`
	SubjectType string `json:"subject_type,omitempty"`
	CommitID    string `json:"commit_id,omitempty"`

	Minimized string `json:"-"` // how it was classified
	Resolved  bool   `json:"-"` // its conversation is closed
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

// described is GitHub's description, read once for all servers; each answers
// under an address of its own.
var described = sync.OnceValues(func() (*openapi3.T, error) { return openapi3.NewLoader().LoadFromData(description) })

func (s *Server) describe() error {
	doc, err := described()
	if err != nil {
		return err
	}
	own := *doc
	own.Servers = openapi3.Servers{{URL: s.URL}}
	s.router, err = gorillamux.NewRouter(&own)
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

// Push moves the pull request to another head. Comments on lines that its diff
// does not show any more are outdated, and have no line.
func (s *Server) Push(head string, files ...File) {
	s.Change(func(scenario *Scenario) {
		scenario.HeadSHA, scenario.Files = head, files
		for i := range scenario.Review {
			c := &scenario.Review[i]
			if file, _ := s.file(c.Path); c.SubjectType != "file" && commentable(file.Patch, c.Side)[c.Line] == 0 {
				c.Line, c.StartLine = 0, 0
			}
		}
	})
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
	if f := s.fault(r); f != nil {
		if f.After {
			s.answer(httptest.NewRecorder(), r, body)
		}
		s.fail(w, r, f)
		return
	}
	s.answer(w, r, body)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, body []byte) {
	switch {
	case strings.HasSuffix(r.URL.Path, "/graphql"):
		s.graphQL(w, body)
	case r.Method != http.MethodGet && s.scenario.ReadOnly:
		s.respond(w, http.StatusForbidden, map[string]any{"message": "Resource not accessible by integration"})
	default:
		s.route(w, r, body)
	}
}

// fault is what goes wrong with a request, nil for nothing.
func (s *Server) fault(r *http.Request) *Fault {
	for i := range s.scenario.Faults {
		f := &s.scenario.Faults[i]
		if f.Times == 0 || f.Method != "" && f.Method != r.Method || !strings.HasSuffix(r.URL.Path, f.Suffix) || f.Call > 0 && f.Call != len(s.requests) {
			continue
		}
		f.Times--
		return f
	}
	return nil
}

func (s *Server) fail(w http.ResponseWriter, r *http.Request, f *Fault) {
	switch {
	case f.Hang:
		<-r.Context().Done()
	case f.Cut:
		connection, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			err = connection.Close()
		}
		if err != nil {
			s.violate("cut: %v", err)
		}
	default:
		if f.RetryAfter != "" {
			w.Header().Set("Retry-After", f.RetryAfter)
		}
		s.respond(w, f.Status, map[string]any{"message": f.Message})
	}
}

func (s *Server) violate(format string, args ...any) {
	s.violations = append(s.violations, fmt.Sprintf(format, args...))
}

// validate checks path, parameters and body against the description.
func (s *Server) validate(r *http.Request) {
	s.input = nil
	if strings.HasSuffix(r.URL.Path, "/graphql") {
		return // it has a schema of its own
	}
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
	case strings.HasPrefix(tail, "DELETE pulls/comments/"):
		s.remove(w, &s.scenario.Review, parts[len(parts)-1])
	case strings.HasPrefix(tail, "DELETE issues/comments/"):
		s.remove(w, &s.scenario.Issue, parts[len(parts)-1])
	case strings.HasPrefix(tail, "PATCH pulls/comments/"):
		s.edit(w, s.scenario.Review, parts[len(parts)-1], body)
	case strings.HasPrefix(tail, "GET issues/") && strings.HasSuffix(tail, "/comments"):
		page(w, r, s, s.scenario.Issue)
	case strings.HasPrefix(tail, "POST issues/"):
		s.createIssueComment(w, body)
	case strings.HasPrefix(tail, "PATCH issues/comments/"):
		s.edit(w, s.scenario.Issue, parts[len(parts)-1], body)
	case tail == "GET pulls":
		s.pulls(w, r)
	case strings.HasPrefix(tail, "GET pulls/"):
		s.respond(w, http.StatusOK, s.pull(number(parts[len(parts)-1], 1)))
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

// pull is the pull request.
func (s *Server) pull(number int) map[string]any {
	repo := orElse(s.scenario.HeadRepo, "acme/shop")
	owner, _, _ := strings.Cut(repo, "/")
	return map[string]any{
		"number": number, "state": "open", "user": map[string]any{"login": orElse(s.scenario.Author, "octocat")},
		"head": map[string]any{"sha": s.scenario.HeadSHA, "ref": orElse(s.scenario.HeadBranch, "topic"), "repo": map[string]any{"full_name": repo, "owner": map[string]any{"login": owner}}},
	}
}

// pulls lists the pull request to who asks for its head.
func (s *Server) pulls(w http.ResponseWriter, r *http.Request) {
	owner, _, _ := strings.Cut(orElse(s.scenario.HeadRepo, "acme/shop"), "/")
	all := []map[string]any{}
	if r.URL.Query().Get("head") == owner+":"+orElse(s.scenario.HeadBranch, "topic") {
		all = append(all, s.pull(1))
	}
	page(w, r, s, all)
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
