package github_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rendergate/rendergate/internal/github"
	"github.com/rendergate/rendergate/internal/githubtest"
)

// uploading is an upload to a loopback GitHub, with the waits that it took.
func uploading(t *testing.T, scenario githubtest.Scenario) (github.Upload, *githubtest.Server, *[]time.Duration) {
	t.Helper()
	server, err := githubtest.New(scenario)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Close()
		if v := server.Violations(); len(v) > 0 {
			t.Errorf("not what GitHub describes: %s", strings.Join(v, "\n"))
		}
	})
	var waits []time.Duration
	sleep := func(_ context.Context, d time.Duration) error { waits = append(waits, d); return nil }
	client, err := github.Client(func(name string) string { return map[string]string{"GITHUB_API_URL": server.URL}[name] }, "not-a-token", http.DefaultTransport, sleep)
	if err != nil {
		t.Fatal(err)
	}
	return github.Upload{Client: client, Owner: "acme", Repo: "shop", Ref: "refs/heads/main", Commit: a, Sleep: sleep}, server, &waits
}

func TestUpload(t *testing.T) {
	for name, tc := range map[string]struct {
		scenario githubtest.Scenario
		later    string
		err      string
		waits    string
	}{
		"taken":              {waits: "[5s]"},
		"taken in time":      {scenario: githubtest.Scenario{Scanning: githubtest.Scanning{Pending: 4}}, waits: "[5s 10s 20s 40s 1m20s]"},
		"taken later":        {scenario: githubtest.Scenario{Scanning: githubtest.Scanning{Pending: 9}}, later: "still being processed; ask later with: gh api repos/acme/shop/code-scanning/sarifs/47177e22", waits: "[5s 10s 20s 40s 1m20s]"},
		"refused":            {scenario: githubtest.Scenario{Scanning: githubtest.Scanning{Pending: 1, Errors: []string{"rejecting SARIF, as there are more runs than allowed", "and more"}}}, err: "refuses the results: rejecting SARIF, as there are more runs than allowed; and more", waits: "[5s 10s]"},
		"not enabled":        {scenario: githubtest.Scenario{Scanning: githubtest.Scanning{Disabled: true}}, err: "is not enabled there", waits: "[]"},
		"a token that reads": {scenario: githubtest.Scenario{ReadOnly: true}, err: "lacks security-events: write", waits: "[]"},
		"said to be large":   {scenario: githubtest.Scenario{Faults: []githubtest.Fault{{Method: "POST", Status: 413, Message: "Payload Too Large", Times: 1}}}, err: "and code scanning takes 10: split them", waits: "[]"},
		"limited at first":   {scenario: githubtest.Scenario{Limited: 1}, waits: "[1s 5s]"},
		"broken":             {scenario: githubtest.Scenario{Faults: []githubtest.Fault{{Method: "POST", Status: 500, Message: "Oops", Times: 1}}}, err: "could not be uploaded", waits: "[]"},
		"nobody can ask":     {scenario: githubtest.Scenario{Faults: []githubtest.Fault{{Method: "GET", Status: 404, Message: "Not Found", Times: 1}}}, later: "cannot be asked", waits: "[5s]"},
	} {
		t.Run(name, func(t *testing.T) {
			u, server, waits := uploading(t, tc.scenario)
			later, err := u.Send(context.Background(), []byte(`{"runs": []}`))
			if (err == nil) != (tc.err == "") || err != nil && !strings.Contains(err.Error(), tc.err) {
				t.Errorf("got %v, want %q", err, tc.err)
			}
			if (later == "") != (tc.later == "") || !strings.Contains(later, tc.later) {
				t.Errorf("later %q, want %q", later, tc.later)
			}
			if got := fmt.Sprint(*waits); got != tc.waits {
				t.Errorf("waited %s, want %s", got, tc.waits)
			}
			uploads := server.State().Scanning.Uploads
			if err == nil && (len(uploads) != 1 || uploads[0].Ref != "refs/heads/main" || uploads[0].Commit != a || string(uploads[0].SARIF) != `{"runs": []}`) {
				t.Errorf("uploaded %+v", uploads)
			}
		})
	}
}

// TestUploadTooLarge does not send what will be refused.
func TestUploadTooLarge(t *testing.T) {
	u, server, _ := uploading(t, githubtest.Scenario{})
	noise := make([]byte, 11<<20)
	if _, err := rand.Read(noise); err != nil {
		t.Fatal(err)
	}
	_, err := u.Send(context.Background(), []byte(base64.StdEncoding.EncodeToString(noise)))
	if err == nil || !strings.Contains(err.Error(), "MB compressed") || len(server.Requests()) > 0 {
		t.Errorf("%v, %v", err, server.Requests())
	}
}
