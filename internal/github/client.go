package github

import (
	"bytes"
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

// patient repeats a request that GitHub asked to send later, or that came to
// nothing and may be done twice. What was refused for another reason is given
// back at once.
type patient struct {
	next  http.RoundTripper
	sleep func(context.Context, time.Duration) error
}

const (
	attempts    = 4
	longestWait = 2 * time.Minute
	perAttempt  = 30 * time.Second // the client's timeout covers the waiting too
)

func (p patient) RoundTrip(request *http.Request) (*http.Response, error) {
	for attempt := 1; ; attempt++ {
		response, err := p.once(request)
		wait, again := later(request, response, err, attempt)
		if !again || attempt == attempts || wait > longestWait || request.Context().Err() != nil {
			return response, err
		}
		if response != nil {
			_, drained := io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20))
			if err := errors.Join(drained, response.Body.Close()); err != nil {
				return nil, err
			}
		}
		if err := p.sleep(request.Context(), wait); err != nil {
			return nil, err
		}
		if request, err = rewound(request); err != nil {
			return nil, err
		}
	}
}

// once is one attempt. A server that says nothing any more must not take the
// time of the others.
func (p patient) once(request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(request.Context(), perAttempt)
	response, err := p.next.RoundTrip(request.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	response.Body = bodyUntil{response.Body, cancel}
	return response, nil
}

// bodyUntil ends the time of its attempt once it is closed.
type bodyUntil struct {
	io.ReadCloser
	end context.CancelFunc
}

func (b bodyUntil) Close() error {
	defer b.end()
	return b.ReadCloser.Close()
}

// later says whether to repeat, and when. What came to nothing is repeated
// where it may be done twice: a comment may have been posted.
func later(request *http.Request, response *http.Response, err error, attempt int) (time.Duration, bool) {
	twice := request.Method != http.MethodPost
	if err != nil {
		return time.Duration(attempt) * 2 * time.Second, twice
	}
	switch {
	case limited(response):
		return untilReset(response.Header, attempt), true
	case response.StatusCode >= 500:
		return time.Duration(attempt) * 2 * time.Second, twice
	}
	return 0, false
}

// limited says that a request came too early, not to the wrong place. GitHub
// answers 403 for the rights of a token, for the primary limit and for the
// secondary one, which leaves requests of the primary limit over.
func limited(response *http.Response) bool {
	switch response.StatusCode {
	case http.StatusTooManyRequests:
		return true
	case http.StatusForbidden:
		return response.Header.Get("Retry-After") != "" || response.Header.Get("X-RateLimit-Remaining") == "0" || aboutLimits(response)
	}
	return false
}

// aboutLimits looks into an answer and leaves it as it was.
func aboutLimits(response *http.Response) bool {
	begin, err := io.ReadAll(io.LimitReader(response.Body, 1<<16))
	if err != nil {
		return false
	}
	response.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(begin), response.Body), response.Body}
	return bytes.Contains(begin, []byte("rate limit")) || bytes.Contains(begin, []byte("abuse detection"))
}

// untilReset is how long to wait: what GitHub says, else a minute, and then
// longer.
func untilReset(header http.Header, attempt int) time.Duration {
	if seconds, err := strconv.Atoi(header.Get("Retry-After")); err == nil {
		return time.Duration(max(0, seconds)) * time.Second
	}
	if header.Get("X-RateLimit-Remaining") == "0" {
		if reset, err := strconv.ParseInt(header.Get("X-RateLimit-Reset"), 10, 64); err == nil {
			return max(time.Second, time.Until(time.Unix(reset, 0)))
		}
	}
	return time.Minute << (attempt - 1)
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
		(response.Response.StatusCode == http.StatusForbidden || response.Response.StatusCode == http.StatusNotFound)
}

// refusal is GitHub's own word for why: a token without rights, a locked
// conversation, a pull request that may not be seen.
func refusal(err error) string {
	var response *github.ErrorResponse
	if !errors.As(err, &response) {
		return ""
	}
	return response.Message
}

// absent says that there is no such thing, or none that the token may know of.
func absent(err error) bool {
	var response *github.ErrorResponse
	return errors.As(err, &response) && response.Response != nil && response.Response.StatusCode == http.StatusNotFound
}

// unprocessable says that GitHub refused the content, such as a line outside
// the diff.
func unprocessable(err error) bool {
	var response *github.ErrorResponse
	return errors.As(err, &response) && response.Response != nil && response.Response.StatusCode == http.StatusUnprocessableEntity
}

// unsure says that nobody knows whether a request was carried out: its answer
// did not come, or came from what stands before GitHub.
func unsure(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) {
		return false
	}
	var response *github.ErrorResponse
	var primary *github.RateLimitError
	var secondary *github.AbuseRateLimitError
	switch {
	case errors.As(err, &primary), errors.As(err, &secondary):
		return false
	case errors.As(err, &response):
		return response.Response == nil || response.Response.StatusCode >= 500
	}
	return true
}
