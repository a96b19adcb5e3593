package main

import (
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"

	"github.com/rendergate/rendergate/internal/charttest"
)

// chartServers are the loopback chart repositories by the work folder of their
// script.
var chartServers sync.Map

// chartServer DIR serves the charts in the folders of DIR, as a repository at
// $CHARTS and in a registry at $REGISTRY. Asked again it adds charts, and the
// second word says what the server does wrong from then on.
func chartServer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: chartserver DIR [tampered|redirect|down]")
	}
	known, ok := chartServers.Load(ts.Getenv("WORK"))
	if !ok {
		server := charttest.New()
		ts.Defer(server.Close)
		ts.Setenv("CHARTS", server.URL)
		ts.Setenv("REGISTRY", server.Registry)
		chartServers.Store(ts.Getenv("WORK"), server)
		known = server
	}
	server := known.(*charttest.Server)
	list, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	for _, entry := range list {
		if !entry.IsDir() {
			continue
		}
		ts.Check(server.Add(filepath.Join(ts.MkAbs(args[0]), entry.Name())))
	}
	var faults charttest.Faults
	switch strings.Join(args[1:], "") {
	case "tampered":
		faults.Tampered = true
	case "redirect":
		faults.Redirect = strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	case "down":
		faults.Down = true
	}
	server.Change(faults)
	server.Requests()
}

// secured FILE serves the charts over TLS as well, at $SECURE, and writes to the
// file the certificate that vouches for it.
func secured(ts *testscript.TestScript, neg bool, args []string) {
	at, err := url.Parse(ts.Getenv("CHARTS"))
	if neg || len(args) != 1 || err != nil || at.Host == "" {
		ts.Fatalf("usage: secured FILE, after chartserver")
	}
	server := httptest.NewUnstartedServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: at.Scheme, Host: at.Host}) }})
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of those that do not trust it
	server.StartTLS()
	ts.Defer(server.Close)
	ts.Setenv("SECURE", server.URL+at.Path)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), certificate, 0o600))
}

// asked prints what the chart server was asked for since it was last asked.
func asked(ts *testscript.TestScript, neg bool, _ []string) {
	known, ok := chartServers.Load(ts.Getenv("WORK"))
	if neg || !ok {
		ts.Fatalf("usage: asked, after chartserver")
	}
	requests := known.(*charttest.Server).Requests()
	fmt.Fprintln(ts.Stdout(), "requests:", len(requests))
	for _, request := range requests {
		fmt.Fprintln(ts.Stdout(), request)
	}
}

// pack DIR FILE packs a chart's folder into an archive, as helm package does.
func pack(args []string) int {
	err := func() error {
		c, err := loader.Load(args[0])
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(args[1]), 0o755); err != nil {
			return err
		}
		file, err := chartutil.Save(c, filepath.Dir(args[1]))
		if err != nil {
			return err
		}
		return os.Rename(file, args[1])
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
