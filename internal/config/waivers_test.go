package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/rendergate/rendergate/internal/config"
)

const waivers = `# Accepted.
- check: host-pid
  object: DaemonSet/monitoring/node-*
  container: agent
  target: overlays/prod/**
  environment: overlays/prod/**
  reason: the agent reads other processes
  owner: "@acme/security"
  expires: 2027-01-31
- {check: CKV_K8S_14, reason: pinned by the mirror}
`

func TestParseWaivers(t *testing.T) {
	got, err := config.ParseWaivers("w.yaml", []byte(waivers))
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	if w := got[0]; w.Line != 2 || w.EndLine != 9 || w.Expires != "2027-01-31" || w.Owner != "@acme/security" {
		t.Errorf("the first is %+v", w)
	}
	if w := got[1]; w.Line != 10 || w.EndLine != 10 || w.Check != "CKV_K8S_14" {
		t.Errorf("the second is %+v", w)
	}
	for _, empty := range []string{"", "# nothing\n", "[]\n", "---\n"} {
		if got, err := config.ParseWaivers("w.yaml", []byte(empty)); err != nil || len(got) != 0 {
			t.Errorf("%q gives %v, %v", empty, got, err)
		}
	}
}

func TestParseWaiversErrors(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"unknown key":  {"- check: a\n  reson: b\n", `w.yaml:2: unknown key "reson"; did you mean "reason"?`},
		"no reason":    {"- check: a\n", `w.yaml:1: the waiver of a gives no reason`},
		"blank reason": {"- check: a\n  reason: ' '\n", `w.yaml:2: the waiver of a gives no reason`},
		"no check":     {"- reason: a\n", `w.yaml:1: the waiver names no check`},
		"no list":      {"check: a\n", `w.yaml:1: a waiver file is a list`},
		"no mapping":   {"- a\n", `w.yaml:1: a waiver is a mapping`},
		"date":         {"- check: a\n  reason: b\n  expires: soon\n", `w.yaml:3: "soon" is no date such as 2027-01-31`},
		"no day":       {"- check: a\n  reason: b\n  expires: 2027-02-30\n", `w.yaml:3: "2027-02-30" is no date`},
		"object":       {"- check: a\n  reason: b\n  object: web\n", `w.yaml:3: object is Kind/namespace/name or Kind/name, not "web"`},
		"glob":         {"- check: a\n  reason: b\n  target: '['\n", `w.yaml:3: "[" is no glob`},
		"costly place": {"- check: a\n  reason: b\n  environment: '{a,b}{a,b}{a,b}{a,b}{a,b}'\n", `w.yaml:3: the glob is too long`},
		"costly glob":  {"- check: a\n  reason: b\n  target: '{a,b}{a,b}{a,b}{a,b}{a,b}'\n", `w.yaml:3: the glob is too long`},
		"alias":        {"- &a {check: a, reason: b}\n- *a\n", `w.yaml:2: aliases are not supported here`},
		"key twice":    {"- check: a\n  check: b\n", `w.yaml:2: mapping key "check" already defined`},
		"too many":     {strings.Repeat("- {check: a, reason: b}\n", 5001), `w.yaml:5001: a waiver file has at most 5000 entries`},
		"broken":       {"- check: [\n", `w.yaml:`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.ParseWaivers("w.yaml", []byte(c.text))
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestPast(t *testing.T) {
	day := config.Date("2027-01-31")
	if at := time.Date(2027, 1, 31, 23, 59, 0, 0, time.UTC); day.Past(at) {
		t.Error("the last day is over before it ends")
	}
	if at := time.Date(2027, 1, 31, 23, 0, 0, 0, time.FixedZone("", -3*3600)); !day.Past(at) {
		t.Error("the day ends where it ends in UTC")
	}
	if config.Date("").Past(time.Now()) {
		t.Error("what has no end is past")
	}
}

func FuzzParseWaivers(f *testing.F) {
	f.Add([]byte(waivers))
	f.Add([]byte("- {check: a, reason: b, object: '*/{a,b}/*'}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := config.ParseWaivers("w.yaml", data)
		if err != nil && !strings.HasPrefix(err.Error(), "w.yaml:") {
			t.Errorf("an error without the file's name: %v", err)
		}
		for _, w := range got {
			if err == nil && (strings.TrimSpace(w.Reason) == "" || strings.TrimSpace(w.Check) == "" || w.Line < 1) {
				t.Errorf("accepted %+v", w)
			}
		}
	})
}
