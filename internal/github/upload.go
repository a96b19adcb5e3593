package github

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"
)

// Upload gives results to code scanning, for a commit of a ref.
type Upload struct {
	Client      *github.Client
	Owner, Repo string
	Ref, Commit string
	Sleep       func(context.Context, time.Duration) error
}

// mostSARIF is what code scanning takes, compressed.
const mostSARIF = 10 << 20

// The waits between questions whether results were processed, as
// github/codeql-action has them: after 5, 15, 35, 75 and 155 seconds.
const (
	firstWait = 5 * time.Second
	questions = 5
)

// Send uploads a SARIF file and waits for code scanning to take it. An error
// says what keeps it out; later, where set, that nobody can say yet.
func (u Upload) Send(ctx context.Context, sarif []byte) (later string, err error) {
	packed, err := compressed(sarif)
	if err != nil {
		return "", err
	}
	if len(packed) > mostSARIF {
		return "", tooLarge(len(packed))
	}
	id, err := u.post(ctx, packed)
	if err != nil {
		return "", u.explained(err, len(packed))
	}
	return u.wait(ctx, id)
}

func compressed(data []byte) ([]byte, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(data)
	err = errors.Join(err, w.Close()) // which writes the rest
	return out.Bytes(), err
}

func tooLarge(bytes int) error {
	return fmt.Errorf("the results are %.1f MB compressed, and code scanning takes %d: split them with paths, each part under a category of its own", float64(bytes)/(1<<20), mostSARIF>>20)
}

// post returns the id under which the upload is processed.
func (u Upload) post(ctx context.Context, packed []byte) (string, error) {
	body := struct {
		CommitSHA string `json:"commit_sha"`
		Ref       string `json:"ref"`
		SARIF     string `json:"sarif"`
		ToolName  string `json:"tool_name"`
	}{u.Commit, u.Ref, base64.StdEncoding.EncodeToString(packed), "rendergate"}
	request, err := u.Client.NewRequest(http.MethodPost, fmt.Sprintf("repos/%s/%s/code-scanning/sarifs", u.Owner, u.Repo), body)
	if err != nil {
		return "", err
	}
	var receipt struct {
		ID string `json:"id"`
	}
	_, err = u.Client.Do(ctx, request, &receipt)
	var accepted *github.AcceptedError // the library's name for 202, which is what code scanning says
	if errors.As(err, &accepted) {
		err = json.Unmarshal(accepted.Raw, &receipt)
	}
	if err == nil && receipt.ID == "" {
		err = errors.New("code scanning took the results and did not say under which id")
	}
	return receipt.ID, err
}

// explained says what to do about a refusal.
func (u Upload) explained(err error, size int) error {
	var response *github.ErrorResponse
	if errors.As(err, &response) && response.Response != nil && response.Response.StatusCode == http.StatusRequestEntityTooLarge {
		return tooLarge(size)
	}
	if denied(err) {
		return fmt.Errorf("code scanning of %s/%s does not take the results: it is not enabled there, or the token lacks security-events: write, as on a pull request from a fork, where github/codeql-action/upload-sarif can: %w", u.Owner, u.Repo, err)
	}
	return fmt.Errorf("the results could not be uploaded: %w", err)
}

// processing is what became of an upload. The library's own type has no errors.
type processing struct {
	Status string   `json:"processing_status"`
	Errors []string `json:"errors"`
}

func (u Upload) wait(ctx context.Context, id string) (later string, err error) {
	wait := firstWait
	for range questions {
		if err := u.Sleep(ctx, wait); err != nil {
			return "", err
		}
		wait *= 2
		now, err := u.ask(ctx, id)
		switch {
		case err != nil:
			return fmt.Sprintf("the results are uploaded (id %s); what becomes of them cannot be asked: %v", id, err), nil
		case now.Status == "complete" && len(now.Errors) == 0:
			return "", nil
		case now.Status == "failed" || len(now.Errors) > 0:
			return "", fmt.Errorf("code scanning refuses the results: %s", orElse(strings.Join(now.Errors, "; "), "it does not say why"))
		}
	}
	return fmt.Sprintf("the results are uploaded (id %s) and still being processed; ask later with: gh api repos/%s/%s/code-scanning/sarifs/%s", id, u.Owner, u.Repo, id), nil
}

func (u Upload) ask(ctx context.Context, id string) (processing, error) {
	var now processing
	request, err := u.Client.NewRequest(http.MethodGet, fmt.Sprintf("repos/%s/%s/code-scanning/sarifs/%s", u.Owner, u.Repo, id), nil)
	if err == nil {
		_, err = u.Client.Do(ctx, request, &now)
	}
	return now, err
}
