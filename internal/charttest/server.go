// Package charttest is a chart repository and an OCI registry on loopback, with
// charts that helm packed and pushed.
package charttest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"

	ggcr "github.com/google/go-containerregistry/pkg/registry"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/registry"
)

// Server serves the same charts both ways. Its fields may be changed between
// requests with Change.
type Server struct {
	URL      string // of the chart repository
	Registry string // of the OCI registry, where charts are at Registry/NAME

	server   *httptest.Server
	mu       sync.Mutex
	archives map[string]packed // by file name
	requests []string
	faults   Faults
}

type packed struct {
	name, version string
	data          []byte
}

// Faults are what a server does wrong.
type Faults struct {
	Tampered bool   // archives are not those of the index
	NoDigest bool   // the index has no digests
	Redirect string // archives are said to be below that URL
	Absolute string // the index names archives below that URL
	Down     bool   // every answer is an error
	Password string // asked for by the repository
}

// New starts a server without charts.
func New() *Server {
	s := &Server{archives: map[string]packed{}}
	oci := ggcr.New(ggcr.Logger(log.New(io.Discard, "", 0)))
	mux := http.NewServeMux()
	mux.Handle("/v2/", oci)
	mux.HandleFunc("/stable/", s.repository)
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests = append(s.requests, r.Method+" "+r.URL.Path)
		down := s.faults.Down
		s.mu.Unlock()
		if down {
			http.Error(w, "down", http.StatusInternalServerError)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	s.URL = s.server.URL + "/stable"
	s.Registry = "oci://" + strings.TrimPrefix(s.server.URL, "http://") + "/charts"
	return s
}

// Close ends the server.
func (s *Server) Close() { s.server.Close() }

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

// Add packs a chart's folder with helm and serves it; a version that is
// already there is replaced.
func (s *Server) Add(dir string) error {
	c, err := loader.Load(dir)
	if err != nil {
		return err
	}
	to, err := os.MkdirTemp("", "chart-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(to)
	file, err := chartutil.Save(c, to)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return s.AddArchive(c.Name(), c.Metadata.Version, data)
}

// AddArchive serves an archive, whatever is in it.
func (s *Server) AddArchive(name, version string, data []byte) error {
	s.mu.Lock()
	s.archives[name+"-"+version+".tgz"] = packed{name, version, data}
	s.mu.Unlock()
	client, err := registry.NewClient(registry.ClientOptPlainHTTP(), registry.ClientOptWriter(io.Discard),
		registry.ClientOptCredentialsFile(filepath.Join(os.TempDir(), "no-credentials.json")))
	if err != nil {
		return err
	}
	_, err = client.Push(data, strings.TrimPrefix(s.Registry, "oci://")+"/"+name+":"+version, registry.PushOptStrictMode(false))
	return err
}

func (s *Server) repository(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := strings.TrimPrefix(r.URL.Path, "/stable/")
	if _, password, _ := r.BasicAuth(); s.faults.Password != password {
		http.Error(w, "who are you?", http.StatusUnauthorized)
		return
	}
	if name == "index.yaml" {
		s.index(w)
		return
	}
	if s.faults.Redirect != "" {
		http.Redirect(w, r, s.faults.Redirect+"/"+name, http.StatusFound)
		return
	}
	file, found := s.archives[strings.TrimPrefix(name, "files/")]
	if !found {
		http.NotFound(w, r)
		return
	}
	if s.faults.Tampered {
		file.data = append(append([]byte{}, file.data...), 0)
	}
	// What a client does not read is its own affair.
	_, _ = w.Write(file.data) // a client that went away is what some tests want
}

func (s *Server) index(w io.Writer) {
	entries := map[string][]string{}
	for name, file := range s.archives {
		sum := sha256.Sum256(file.data)
		digest := hex.EncodeToString(sum[:])
		if s.faults.NoDigest {
			digest = ""
		}
		at := "files/" + name
		if s.faults.Absolute != "" {
			at = s.faults.Absolute + "/" + at
		}
		entries[file.name] = append(entries[file.name], fmt.Sprintf("{name: %s, version: %q, apiVersion: v2, digest: %q, urls: [%q]}", file.name, file.version, digest, at))
	}
	fmt.Fprintln(w, "apiVersion: v1\nentries:")
	for name, list := range entries {
		fmt.Fprintf(w, "  %s: [%s]\n", name, strings.Join(list, ", "))
	}
}
