package github

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"
)

// Client talks to the GitHub of this run, GitHub Enterprise included.
// transport is what requests go through; sleep waits for a rate limit.
func Client(getenv func(string) string, token string, transport http.RoundTripper, sleep func(context.Context, time.Duration) error) (*github.Client, error) {
	client := github.NewClient(&http.Client{Transport: patient{transport, sleep}, Timeout: attempts * (longestWait + perAttempt)})
	if token != "" {
		client = client.WithAuthToken(token)
	}
	if api := getenv("GITHUB_API_URL"); api != "" {
		base, err := url.Parse(strings.TrimSuffix(api, "/") + "/")
		if err != nil {
			return nil, fmt.Errorf("GITHUB_API_URL: %w", err)
		}
		client.BaseURL = base
	}
	return client, nil
}

// Sleep waits, or ends with the context.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// patient repeats a request that GitHub asked to send later. What was refused
// for another reason is given back at once.
type patient struct {
	next  http.RoundTripper
	sleep func(context.Context, time.Duration) error
}

const (
	attempts    = 4
	longestWait = time.Minute
	perAttempt  = 30 * time.Second // the client's timeout covers the waiting too
)

func (p patient) RoundTrip(request *http.Request) (*http.Response, error) {
	for attempt := 1; ; attempt++ {
		response, err := p.next.RoundTrip(request)
		if err != nil {
			return nil, err
		}
		wait, again := later(request, response, attempt)
		if !again || attempt == attempts || wait > longestWait {
			return response, nil
		}
		_, drained := io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20))
		if err := errors.Join(drained, response.Body.Close(), p.sleep(request.Context(), wait)); err != nil {
			return nil, err
		}
		if request, err = rewound(request); err != nil {
			return nil, err
		}
	}
}

// later says whether to repeat, and when. A server error is repeated for what
// may be done twice: a comment may have been posted.
func later(request *http.Request, response *http.Response, attempt int) (time.Duration, bool) {
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && (response.StatusCode == 403 || response.StatusCode == 429) {
		return time.Duration(seconds) * time.Second, true
	}
	limited := response.StatusCode == 429 || response.StatusCode == 403 && response.Header.Get("X-RateLimit-Remaining") == "0"
	if limited {
		if reset, err := strconv.ParseInt(response.Header.Get("X-RateLimit-Reset"), 10, 64); err == nil {
			return max(time.Second, time.Until(time.Unix(reset, 0))), true
		}
		return longestWait, true
	}
	if response.StatusCode >= 500 && request.Method != http.MethodPost {
		return time.Duration(attempt) * 2 * time.Second, true
	}
	return 0, false
}

// rewound is the request with its body from the start.
func rewound(request *http.Request) (*http.Request, error) {
	copied := request.Clone(request.Context())
	if request.GetBody == nil {
		return copied, nil
	}
	body, err := request.GetBody()
	copied.Body = body
	return copied, err
}

// denied says that the token may not do this, as on a pull request from a
// fork. GitHub answers 404 for what a token may not know of, and 403 also for
// a rate limit.
func denied(err error) bool {
	var response *github.ErrorResponse
	return errors.As(err, &response) && response.Response != nil && !strings.Contains(response.Message, "rate limit") &&
		(response.Response.StatusCode == http.StatusForbidden || response.Response.StatusCode == http.StatusNotFound || response.Response.StatusCode == http.StatusUnauthorized)
}

// unprocessable says that GitHub refused the content, such as a line outside
// the diff.
func unprocessable(err error) bool {
	var response *github.ErrorResponse
	return errors.As(err, &response) && response.Response != nil && response.Response.StatusCode == http.StatusUnprocessableEntity
}
