package github_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/internal/github"
)

// The commits of the recorded payloads.
const (
	realHead = "ec26c3e57ca3a959ca5aad62de7213c562f8c821"
	realBase = "f95f852bd8fca8fcc58a9a2d6c842781e32a215e"
	queued   = "2ffea6db159f6b6c47a24e778fb9ef40cf6b1c7d"
	onto     = "380387fbc80638b734a49e1be1c4dfec1c01b33c"
	tagged   = "6113728f27ae82c7b1a177c8d03f9e96e0adf246"
)

// recorded reads a real payload, with some of its text replaced.
func recorded(t *testing.T, name string, env map[string]string, replace ...string) (github.Event, error) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "events", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for i := 0; i+1 < len(replace); i += 2 {
		if !strings.Contains(text, replace[i]) {
			t.Fatalf("%s does not contain %s", name, replace[i])
		}
		text = strings.ReplaceAll(text, replace[i], replace[i+1])
	}
	path := filepath.Join(t.TempDir(), "event.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	event, _, _ := strings.Cut(name, ".")
	all := map[string]string{"GITHUB_EVENT_NAME": event, "GITHUB_EVENT_PATH": path, "GITHUB_REPOSITORY": "Codertocat/Hello-World"}
	for key, value := range env {
		all[key] = value
	}
	return github.ReadEvent(func(name string) string { return all[name] }, env["privileged"] != "")
}

// TestPayloads decides by what GitHub really sends.
func TestPayloads(t *testing.T) {
	zeros := strings.Repeat("0", 40)
	for name, tc := range map[string]struct {
		payload     string
		env         map[string]string
		replace     []string
		parents     []string
		want        github.Sides
		ref, commit string // for code scanning; empty: none
		fork        bool
	}{
		"merge commit": {payload: "pull_request.synchronize", env: map[string]string{"GITHUB_SHA": c}, parents: []string{b, realHead},
			want: github.Sides{Base: b, Head: c}, ref: "refs/pull/2/merge", commit: c},
		"head alone": {payload: "pull_request.synchronize", env: map[string]string{"GITHUB_SHA": realHead}, parents: []string{b},
			want: github.Sides{Base: realBase, Head: realHead, MergeBase: true}, ref: "refs/pull/2/head", commit: realHead},
		"closed": {payload: "pull_request.closed", env: map[string]string{"GITHUB_SHA": c}, parents: []string{b, realHead},
			want: github.Sides{Base: b, Head: c}, ref: "refs/pull/2/merge", commit: c},
		"a review": {payload: "pull_request_review.submitted", env: map[string]string{"GITHUB_SHA": c}, parents: []string{b, realHead},
			want: github.Sides{Base: b, Head: c}, ref: "refs/pull/2/merge", commit: c},
		"a fork": {payload: "pull_request.synchronize", env: map[string]string{"GITHUB_SHA": c, "GITHUB_REPOSITORY": "other/Hello-World"}, parents: []string{b, realHead},
			want: github.Sides{Base: b, Head: c}, ref: "refs/pull/2/merge", commit: c, fork: true},
		"privileged, allowed": {payload: "pull_request.synchronize", env: map[string]string{"GITHUB_EVENT_NAME": "pull_request_target", "GITHUB_SHA": b, "privileged": "true"},
			want: github.Sides{Base: realBase, Head: realHead, MergeBase: true}},
		"a merge group": {payload: "merge_group.checks_requested", env: map[string]string{"GITHUB_SHA": queued, "GITHUB_REF": "refs/heads/gh-readonly-queue/main/pr-104"},
			want: github.Sides{Base: onto, Head: queued}},
		"the first push": {payload: "push.branch-created", env: map[string]string{"GITHUB_SHA": a, "GITHUB_REF": "refs/heads/master"},
			want: github.Sides{Head: a, Scan: true}, ref: "refs/heads/master", commit: a},
		"a new branch": {payload: "push.branch-created", env: map[string]string{"GITHUB_SHA": a}, replace: []string{"refs/heads/master", "refs/heads/topic"},
			want: github.Sides{Base: "master", Head: a, MergeBase: true}, ref: "refs/heads/topic", commit: a},
		"a push": {payload: "push.branch-created", env: map[string]string{"GITHUB_SHA": a, "GITHUB_REF": "refs/heads/master"}, replace: []string{zeros, b},
			want: github.Sides{Base: b, Head: a}, ref: "refs/heads/master", commit: a},
		"a tag": {payload: "push.tag-created", env: map[string]string{"GITHUB_SHA": tagged, "GITHUB_REF": "refs/tags/simple-tag"},
			want: github.Sides{Base: "master", Head: tagged, MergeBase: true}},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := recorded(t, tc.payload, tc.env, tc.replace...)
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.Sides(func(string) ([]string, error) { return tc.parents, nil })
			if err != nil || got != tc.want {
				t.Errorf("got %+v, %v, want %+v", got, err, tc.want)
			}
			ref, commit, ok := e.Analysis(got)
			if ok != (tc.ref != "") || ok && (ref != tc.ref || commit != tc.commit) {
				t.Errorf("code scanning gets %s %s %v, want %s %s", ref, commit, ok, tc.ref, tc.commit)
			}
			if e.Fork != tc.fork {
				t.Errorf("fork: %v", e.Fork)
			}
		})
	}
}

// TestPayloadsRefused says what to use instead.
func TestPayloadsRefused(t *testing.T) {
	for name, want := range map[string]string{"push.tag-deleted": "github.event.deleted == false", "workflow_run.completed": "rendergate review --results"} {
		if _, err := recorded(t, name, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := recorded(t, "pull_request.synchronize", map[string]string{"GITHUB_EVENT_NAME": "pull_request_target"}); err == nil || !strings.Contains(err.Error(), "write token") {
		t.Errorf("a privileged run: %v", err)
	}
}
