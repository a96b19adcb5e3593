package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestProgress(t *testing.T) {
	var out bytes.Buffer
	g := &progress{out: &out, began: time.Now()}
	g.tell("too early")
	if out.Len() > 0 {
		t.Fatalf("a short run said %q", out.String())
	}
	g.began = time.Now().Add(-2 * progressAfter)
	g.tell("rendering 1 of 9: \x1b[31mcharts/\u202eweb" + strings.Repeat("x", 200))
	g.tell("too soon after the last")
	if got, want := out.String(), "\r\x1b[Krendering 1 of 9: \\u001b[31mcharts/\\u202eweb"; !strings.HasPrefix(got, want) || len([]rune(got)) > 4+78 || strings.Contains(got, "soon") {
		t.Errorf("the line is %q", got)
	}
	out.Reset()
	g.done()
	g.last = time.Time{}
	g.tell("after the end")
	if got := out.String(); got != "\r\x1b[K" {
		t.Errorf("at the end it wrote %q", got)
	}
	var nobody *progress
	nobody.tell("nothing")
	nobody.done()
	p := &program{stderr: &out, getenv: func(string) string { return "" }}
	if p.progress() != nil {
		t.Error("a buffer is taken for a terminal")
	}
}
