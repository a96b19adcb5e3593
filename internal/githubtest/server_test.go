package githubtest

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const head = "1111111111111111111111111111111111111111"

func serve(t *testing.T, scenario Scenario) *Server {
	t.Helper()
	scenario.HeadSHA = head
	s, err := New(scenario)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func ask(t *testing.T, s *Server, method, path, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(data)
}

// TestViolations shows that the description is what requests are held to.
func TestViolations(t *testing.T) {
	for name, c := range map[string]struct{ method, path, body, want string }{
		"unknown path":      {"GET", "/repos/acme/shop/nonsense", "", "no matching operation"},
		"comment bodyless":  {"POST", "/repos/acme/shop/pulls/1/comments", `{"commit_id": "` + head + `", "path": "a"}`, "body"},
		"FILE, not file":    {"POST", "/repos/acme/shop/pulls/1/comments", `{"body": "b", "commit_id": "` + head + `", "path": "a", "subject_type": "FILE"}`, "subject_type"},
		"event of a review": {"POST", "/repos/acme/shop/pulls/1/reviews", `{"event": "SHOUT"}`, "event"},
		"review bodyless":   {"POST", "/repos/acme/shop/pulls/1/reviews", `{"event": "COMMENT", "body": ""}`, "with body"},
	} {
		s := serve(t, Scenario{})
		ask(t, s, c.method, c.path, c.body)
		if got := strings.Join(s.Violations(), "\n"); !strings.Contains(got, c.want) {
			t.Errorf("%s: violations %q, want %q", name, got, c.want)
		}
	}
}

// TestAnswersAreHeldToTheDescription gives a status that GitHub has none of.
func TestAnswersAreHeldToTheDescription(t *testing.T) {
	s := serve(t, Scenario{Files: []File{{Name: "a", Status: "invented"}}})
	ask(t, s, "GET", "/repos/acme/shop/pulls/1/files", "")
	if got := s.Violations(); len(got) != 1 || !strings.Contains(got[0], "own answer") {
		t.Errorf("violations %v", got)
	}
}

func TestAnswersFollowTheDescription(t *testing.T) {
	comment := []Comment{{ID: 1, User: User{"a"}, Body: "b", Path: "a", Line: 1, Side: "RIGHT"}}
	s := serve(t, Scenario{Login: "me", Review: comment, Issue: comment, Files: []File{{Name: "a"}}, MergeBase: head})
	for _, path := range []string{
		"/user", "/repos/acme/shop/pulls/7", "/repos/acme/shop/pulls/7/files", "/repos/acme/shop/pulls/7/comments",
		"/repos/acme/shop/issues/7/comments", "/repos/acme/shop/compare/a...b",
	} {
		if status, body := ask(t, s, "GET", path, ""); status != http.StatusOK {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if got := s.Violations(); len(got) > 0 {
		t.Error(strings.Join(got, "\n"))
	}
}

// TestReviewIsAtomic refuses a review for its second comment and keeps nothing.
func TestReviewIsAtomic(t *testing.T) {
	s := serve(t, Scenario{Files: []File{{Name: "a", Patch: "@@ -1 +1,2 @@\n one\n+two\n@@ -9 +10,2 @@\n nine\n+ten"}}})
	for name, c := range map[string]struct{ comment, want string }{
		"outside":       {`{"path": "a", "body": "b", "side": "RIGHT", "line": 5}`, "Line could not be resolved"},
		"context left":  {`{"path": "a", "body": "b", "side": "LEFT", "line": 1}`, "Line could not be resolved"},
		"no such path":  {`{"path": "z", "body": "b", "side": "RIGHT", "line": 1}`, "Path could not be resolved"},
		"backwards":     {`{"path": "a", "body": "b", "side": "RIGHT", "line": 1, "start_line": 1, "start_side": "RIGHT"}`, "must precede"},
		"across hunks":  {`{"path": "a", "body": "b", "side": "RIGHT", "line": 11, "start_line": 2, "start_side": "RIGHT"}`, "same hunk"},
		"much too long": {`{"path": "a", "body": "` + strings.Repeat("b", 70_000) + `", "side": "RIGHT", "line": 1}`, "too long"},
	} {
		status, body := ask(t, s, "POST", "/repos/acme/shop/pulls/1/reviews",
			`{"commit_id": "`+head+`", "event": "COMMENT", "body": "b", "comments": [{"path": "a", "body": "b", "side": "RIGHT", "line": 2}, `+c.comment+`]}`)
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if state := s.State(); len(state.Review) > 0 || len(s.Violations()) > 0 {
		t.Errorf("kept %v, violations %v", state.Review, s.Violations())
	}
}

func TestOpenAndDump(t *testing.T) {
	path := filepath.Join(t.TempDir(), "scenario.json")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"head_sha": "` + head + `", "files": [{"filename": "a"}]}`)
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ask(t, s, "POST", "/repos/acme/shop/issues/1/comments", `{"body": "hello"}`)
	data, err := s.Dump()
	if err != nil {
		t.Fatal(err)
	}
	var dump struct {
		State      Scenario
		Writes     []string
		Violations []string
	}
	if err := json.Unmarshal(data, &dump); err != nil {
		t.Fatal(err)
	}
	if len(dump.State.Issue) != 1 || dump.State.Issue[0].Body != "hello" || len(dump.Writes) != 1 || dump.Violations == nil || len(dump.Violations) > 0 {
		t.Errorf("dump %s", data)
	}
	write(`{"heads": 1}`)
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), "heads") {
		t.Errorf("an unknown field: %v", err)
	}
}
