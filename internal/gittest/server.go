// Package gittest serves git repositories and files on loopback, as a git host
// does, and does what a host should not do.
package gittest

import (
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// Server serves a folder: the git repositories in it at URL/git/NAME, and its
// files at URL/files/NAME.
type Server struct {
	URL string

	server   *httptest.Server
	mu       sync.Mutex
	requests []string
	faults   Faults
	ended    chan struct{}
}

// Faults are what a server does wrong.
type Faults struct {
	Redirect string // where everything is said to be instead
	Down     bool   // every answer is an error
	Endless  bool   // answers begin and never end
	Silent   bool   // nothing is answered
	Password string // asked for
}

// New serves a folder through git's own CGI program.
func New(dir string) (*Server, error) {
	git, err := exec.LookPath("git")
	if err != nil {
		return nil, err
	}
	out, err := exec.Command(git, "--exec-path").Output()
	if err != nil {
		return nil, err
	}
	s := &Server{ended: make(chan struct{})}
	mux := http.NewServeMux()
	mux.Handle("/git/", &cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(out)), "git-http-backend"), Root: "/git",
		Env: []string{"GIT_PROJECT_ROOT=" + dir, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null"},
	})
	mux.Handle("/files/", http.StripPrefix("/files/", http.FileServer(http.Dir(dir))))
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests = append(s.requests, r.Method+" "+r.URL.Path)
		faults := s.faults
		s.mu.Unlock()
		if !s.fail(w, r, faults) {
			mux.ServeHTTP(w, r)
		}
	}))
	s.URL = s.server.URL
	return s, nil
}

// fail does something wrong, and says whether it did.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, faults Faults) bool {
	_, password, _ := r.BasicAuth()
	switch {
	case faults.Down:
		http.Error(w, "down", http.StatusInternalServerError)
	case len(r.Header.Values("Authorization")) > 1:
		http.Error(w, "duplicate header", http.StatusBadRequest) // as GitHub does
	case faults.Password != password:
		http.Error(w, "who are you?", http.StatusUnauthorized)
	case faults.Redirect != "":
		http.Redirect(w, r, faults.Redirect+r.URL.RequestURI(), http.StatusFound)
	case faults.Silent:
		s.wait(r)
	case faults.Endless:
		w.Header().Set("Content-Type", "application/x-git-upload-pack-advertisement")
		for r.Context().Err() == nil {
			if _, err := w.Write([]byte(strings.Repeat("#", 1<<16))); err != nil {
				return true
			}
		}
	default:
		return false
	}
	return true
}

func (s *Server) wait(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-s.ended:
	}
}

// Close ends the server.
func (s *Server) Close() {
	close(s.ended)
	s.server.CloseClientConnections()
	s.server.Close()
}

// Change sets what the server does wrong from now on.
func (s *Server) Change(faults Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = faults
}

// Requests are those since the last time.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.requests
	s.requests = nil
	return all
}
