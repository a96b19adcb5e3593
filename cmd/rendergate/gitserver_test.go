package main

import (
	"fmt"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/rendergate/rendergate/internal/gittest"
)

// gitServers are the loopback git hosts by the work folder of their script.
var gitServers sync.Map

// gitServer DIR serves the git repositories in DIR at $GIT/NAME, and its files
// at $FILES/NAME. Asked again, the second word says what the server does wrong
// from then on.
func gitServer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: gitserver DIR [redirect|down|password]")
	}
	known, ok := gitServers.Load(ts.Getenv("WORK"))
	if !ok {
		server, err := gittest.New(ts.MkAbs(args[0]))
		ts.Check(err)
		ts.Defer(server.Close)
		ts.Setenv("GIT", server.URL+"/git")
		ts.Setenv("FILES", server.URL+"/files")
		gitServers.Store(ts.Getenv("WORK"), server)
		known = server
	}
	server := known.(*gittest.Server)
	var faults gittest.Faults
	switch strings.Join(args[1:], "") {
	case "redirect":
		faults.Redirect = strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	case "password":
		faults.Password = "not-a-token"
	case "down":
		faults.Down = true
	}
	server.Change(faults)
	server.Requests()
}

// gitAsked prints what the git server was asked for since it was last asked.
func gitAsked(ts *testscript.TestScript, neg bool, _ []string) {
	known, ok := gitServers.Load(ts.Getenv("WORK"))
	if neg || !ok {
		ts.Fatalf("usage: gitasked, after gitserver")
	}
	requests := known.(*gittest.Server).Requests()
	fmt.Fprintln(ts.Stdout(), "requests:", len(requests))
	for _, request := range requests {
		fmt.Fprintln(ts.Stdout(), request)
	}
}
