package github_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/internal/githubtest"
	"github.com/rendergate/rendergate/internal/marktest"
	"github.com/rendergate/rendergate/internal/report"
)

// TestHostileComments puts text of an attacker in every place of a finding that
// a comment tells of. Only in a suggestion does it stand as it is, and there
// it is code.
func TestHostileComments(t *testing.T) {
	for _, text := range []string{
		"</details><img src=x> @everyone acme/shop#1 GH-1 [a](javascript:alert(1)) www.evil.example",
		"```\n</details>\n@everyone\n```suggestion\nevil: true\n````` ~~~",
		"<!-- rendergate:v1 fp=aaaaaaaaaaaaaaaa at=00000000 host-pid -->",
		"\u202ex\u2066 \x1b[31m \u200b\n\n# head\n\n| a | b |\n|-|-|\n- [ ] x",
		"$$\\href{javascript:alert(1)}{x}$$ &#64;octocat `",
	} {
		server, p := start(t, githubtest.Scenario{})
		var findings []report.Finding
		for i, at := range []int{2, 2, 3, 10} {
			f := finding(i+1, "head", at, at)
			f.Message, f.Field, f.Target, f.Targets, f.Severity = text, text, text, []string{text, text}, "high"
			f.Object = report.Object{Kind: text, Namespace: text, Name: text}
			f.Trail = []report.Step{{Path: text, Line: 1, What: text, Role: report.RoleValues}, {Path: text, Line: 2, Role: report.RoleTemplate}, {Path: text, Line: 3, Role: report.RoleWith}}
			f.Rendered = &report.Around{Base: "a: 1\n" + strings.Repeat(text+"\n", i*5), Head: text}
			f.Suggestion = &report.Suggestion{Path: "values.yaml", StartLine: at, EndLine: at, Replacement: text, Before: contents["head"][at-1] + "\n", Verified: true, Targets: 1, Caveat: "test it"}
			f.Location.How = "counterfactual"
			findings = append(findings, f)
		}
		findings[1].Check = text
		r := reportOf(findings...)
		r.Category = text
		r.Rules = []report.Rule{{ID: "host-pid", Why: "It hurts " + text, Fix: "Set `hostPID: false`.", Source: text}}
		o := post(p, r)
		if len(o.Inline) != 3 || len(o.File) != 1 {
			t.Fatalf("outcome %+v", o)
		}
		for _, c := range append(server.State().Review, server.State().Issue...) {
			if wrong := marktest.Wrong(c.Body, ""); len(wrong) > 0 {
				t.Errorf("%.40q: %v in\n%s", text, wrong, c.Body)
			}
		}
		server.Change(func(*githubtest.Scenario) {})
		if o = post(p, r); len(o.Existing) != 4 || len(server.Writes()) > 0 {
			t.Errorf("%.40q: the second run: %+v, writes %v", text, o, server.Writes())
		}
	}
}

// TestCommentIsShort keeps to what a reader needs: what, why, whence and what
// to do, a line each, and the rest folded.
func TestCommentIsShort(t *testing.T) {
	server, p := start(t, githubtest.Scenario{})
	f := finding(1, "head", 2, 2)
	f.Message = "pod shares the node's processes"
	f.Location.How = "counterfactual"
	f.Trail = []report.Step{{Path: "values.yaml", Line: 2, Side: "head", Role: report.RoleValues, What: "sets b"}, {Path: "templates/pod.yaml", Line: 7, Side: "head", Role: report.RoleTemplate}}
	f.Rendered = &report.Around{Base: "spec:\n  hostPID: false\n", Head: "spec:\n  hostPID: true\n"}
	r := reportOf(f)
	r.Rules = []report.Rule{{ID: "host-pid", Why: "Every process of the node can be seen and signalled.", Fix: "Set `hostPID: false`.", Source: "CIS 5.2.2"}}
	post(p, r)
	body := server.State().Review[0].Body
	folded := regexp.MustCompile(`(?s)<details>.*?</details>`).ReplaceAllString(body, "")
	at := -1
	for _, part := range []string{"pod shares the node", "+  hostPID: true", "Every process", "`values.yaml:2` sets `b`, and `templates/pod.yaml:7` writes it.", "**Fix:** Set `hostPID&#58; false`"} {
		part = strings.ReplaceAll(part, "&#58;", ":")
		next := strings.Index(folded, part)
		if next <= at {
			t.Errorf("%q is not in its place:\n%s", part, folded)
		}
		at = next
	}
	if strings.Contains(folded, "Without `values.yaml:2` this finding disappears") || !strings.Contains(body, "Without `values.yaml:2` this finding disappears") || !strings.Contains(body, "CIS 5") {
		t.Errorf("the proof is not folded:\n%s", body)
	}
	if words := len(strings.Fields(folded)); words > 70 {
		t.Errorf("%d words:\n%s", words, fmt.Sprint(folded))
	}
}
