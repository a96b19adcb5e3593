package githubtest

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// Scanning is the temper of code scanning, and what it was given.
type Scanning struct {
	Disabled bool       `json:"disabled"` // a private repository without Code Security
	Pending  int        `json:"pending"`  // so often it says that it is not done
	Errors   []string   `json:"errors"`   // why it refuses what was uploaded
	Uploads  []Analysis `json:"uploads"`
}

// Analysis is an upload that was accepted.
type Analysis struct {
	Commit string          `json:"commit_sha"`
	Ref    string          `json:"ref"`
	SARIF  json.RawMessage `json:"sarif"`
}

const scanID = "47177e22-5596-11eb-80a1-c1e54ef945c6"

// upload answers POST code-scanning/sarifs.
func (s *Server) upload(w http.ResponseWriter, body []byte) {
	if s.scenario.Scanning.Disabled {
		s.respond(w, http.StatusForbidden, map[string]any{"message": "Code Security must be enabled for this repository to use code scanning."})
		return
	}
	var request struct {
		CommitSHA string `json:"commit_sha"`
		Ref       string `json:"ref"`
		SARIF     string `json:"sarif"`
	}
	err := json.Unmarshal(body, &request)
	packed, wrong := base64.StdEncoding.DecodeString(request.SARIF)
	sarif, broken := unzipped(packed)
	if err := errors.Join(err, wrong, broken); err != nil || !json.Valid(sarif) {
		s.violate("upload: %v", err)
	}
	s.scenario.Scanning.Uploads = append(s.scenario.Scanning.Uploads, Analysis{request.CommitSHA, request.Ref, sarif})
	s.writes = append(s.writes, "analysis of "+request.Ref)
	s.respond(w, http.StatusAccepted, map[string]any{"id": scanID, "url": s.URL + "/repos/acme/shop/code-scanning/sarifs/" + scanID})
}

func unzipped(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// processed answers GET code-scanning/sarifs/ID.
func (s *Server) processed(w http.ResponseWriter) {
	scanning := &s.scenario.Scanning
	switch {
	case scanning.Pending > 0:
		scanning.Pending--
		s.respond(w, http.StatusOK, map[string]any{"processing_status": "pending"})
	case len(scanning.Errors) > 0:
		s.respond(w, http.StatusOK, map[string]any{"processing_status": "failed", "errors": scanning.Errors})
	default:
		s.respond(w, http.StatusOK, map[string]any{"processing_status": "complete"})
	}
}
