package github_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/internal/github"
)

var (
	a, b, c = strings.Repeat("a", 40), strings.Repeat("b", 40), strings.Repeat("c", 40)
	pull    = `{"pull_request": {"number": 7, "head": {"sha": "` + a + `"}, "base": {"sha": "` + b + `"}}}`
)

func read(t *testing.T, name, payload, sha string) (github.Event, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "event.json")
	if err := os.WriteFile(path, []byte(payload), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": path, "GITHUB_SHA": sha, "GITHUB_REPOSITORY": "acme/shop"}
	return github.ReadEvent(func(name string) string { return env[name] }, false)
}

func TestSides(t *testing.T) {
	for name, tc := range map[string]struct {
		event, payload, sha string
		parents             []string
		want                github.Sides
	}{
		"merge commit":       {"pull_request", pull, c, []string{b, a}, github.Sides{Base: b, Head: c}},
		"base moved on":      {"pull_request", pull, c, []string{c, a}, github.Sides{Base: c, Head: c}},
		"head checked out":   {"pull_request", pull, a, []string{b}, github.Sides{Base: b, Head: a, MergeBase: true}},
		"merge of another":   {"pull_request", pull, c, []string{a, b}, github.Sides{Base: b, Head: a, MergeBase: true}},
		"merge group":        {"merge_group", `{"merge_group": {"head_sha": "` + a + `", "base_sha": "` + b + `"}}`, c, nil, github.Sides{Base: b, Head: a}},
		"push":               {"push", `{"before": "` + b + `", "after": "` + a + `"}`, a, nil, github.Sides{Base: b, Head: a}},
		"push of long zeros": {"push", `{"before": "` + strings.Repeat("0", 64) + `"}`, a, nil, github.Sides{Head: a}},
		"push of new branch": {"push", `{"before": "` + strings.Repeat("0", 40) + `"}`, a, nil, github.Sides{Head: a}},
		"schedule":           {"schedule", `{}`, a, nil, github.Sides{Head: a, Scan: true}},
		"by hand":            {"workflow_dispatch", `{}`, a, nil, github.Sides{Head: a, Scan: true}},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := read(t, tc.event, tc.payload, tc.sha)
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.Sides(func(string) ([]string, error) { return tc.parents, nil })
			if err != nil || got != tc.want {
				t.Errorf("got %+v, %v, want %+v", got, err, tc.want)
			}
		})
	}
}

func TestSidesWithoutCheckout(t *testing.T) {
	e, err := read(t, "pull_request", pull, c)
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Sides(func(string) ([]string, error) { return nil, errors.New("bad object") })
	if err == nil || !strings.Contains(err.Error(), "actions/checkout") {
		t.Errorf("got %v", err)
	}
}

// TestSidesOfHeadAlone is a checkout with ref: head.sha, which never gets the
// merge commit that GITHUB_SHA still names.
func TestSidesOfHeadAlone(t *testing.T) {
	e, err := read(t, "pull_request", pull, c)
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.Sides(func(commit string) ([]string, error) {
		if commit != a {
			return nil, errors.New("bad object")
		}
		return []string{b}, nil
	})
	if want := (github.Sides{Base: b, Head: a, MergeBase: true}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestFork(t *testing.T) {
	for payload, want := range map[string]bool{
		`"repo": {"full_name": "acme/shop"}`:    false,
		`"repo": {"full_name": "mallory/shop"}`: true,
		`"repo": null`:                          true,
	} {
		e, err := read(t, "pull_request", `{"pull_request": {"number": 7, "head": {"sha": "`+a+`", `+payload+`}, "base": {"sha": "`+b+`"}}}`, c)
		if err != nil || e.Fork != want {
			t.Errorf("%s: fork %v, %v", payload, e.Fork, err)
		}
	}
}

func TestReadEventErrors(t *testing.T) {
	for name, tc := range map[string]struct{ event, payload, want string }{
		"with secrets": {"pull_request_target", pull, "use pull_request"},
		"second stage": {"workflow_run", "{}", "rendergate review --results"},
		"unknown":      {"issues", "{}", "does not know the event"},
		"no JSON":      {"pull_request", "{", "unexpected end"},
		"no pull":      {"pull_request", "{}", "names no pull request"},
		"no group":     {"merge_group", "{}", "names no merge group"},
		"deletion":     {"push", `{"deleted": true}`, "deletes a branch"},
	} {
		if _, err := read(t, tc.event, tc.payload, a); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %q", name, err, tc.want)
		}
	}
	if _, err := github.ReadEvent(func(string) string { return "" }, false); err == nil || !strings.Contains(err.Error(), "rendergate check") {
		t.Errorf("outside Actions: %v", err)
	}
	for path, want := range map[string]string{"": "GITHUB_EVENT_PATH", "/no/such/event.json": "/no/such/event.json"} {
		env := map[string]string{"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": path, "GITHUB_REPOSITORY": "acme/shop"}
		if _, err := github.ReadEvent(func(name string) string { return env[name] }, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("event file %q: %v", path, err)
		}
	}
}
