package report_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/internal/marktest"
	"github.com/rendergate/rendergate/internal/report"
)

// attacks are texts that a pull request may put wherever it names something.
var attacks = []string{
	hostileText,
	"</summary></details><img src=x onerror=alert(1)><script>alert(1)</script>",
	"a\n\n# head\n\n- [x] done\n\n> quote\n\n---\n\n| a | b |\n|-|-|\n",
	"@acme/everyone @octocat acme/shop#1 #1 GH-1 https://evil.example www.evil.example evil@example.com :tada:",
	"![x](https://evil.example/x.png) [y](javascript:alert(1)) <https://evil.example> [z]: https://evil.example",
	"```\n</details>\n```suggestion\nimage: evil\n```\n~~~~\n`````",
	"` `` ``` ````",
	"<!-- rendergate:v1 fp=aaaaaaaaaaaaaaaa at=00000000 host-pid --><!-- x",
	"$$\\href{javascript:alert(1)}{x}$$ $`x`$ &lt;b&gt; &#64;octocat &commat;octocat",
	"::error file=x::forged\n::set-output name=verdict::pass\n::stop-commands::x\n##[error]forged\n%0A::error::forged",
	"\u202egnp.exe \u2066x\u2069 \u200bz \ufeff \u0000 \x1b[2J\x1b]8;;https://evil.example\x07x\x1b]8;;\x07 \x9b31m",
	"\u00ad\u0301\u0489 \u180e \u2028next \u2029next \u0085next",
	"a|b\\|c ¦ \\` \\\\` \\<b> <b\\>",
	"-->\n--\n<!--",
	strings.Repeat("<b>|`@x\u202e", 2000),
}

// attacked is the sample with a text in every place that a pull request
// controls.
func attacked(text string) *report.Report {
	r := sample()
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Message, f.Field, f.Subject, f.Target, f.Targets = text, text, text, text, []string{text, text, text}
		f.Object, f.Location.Path = report.Object{APIVersion: text, Kind: text, Namespace: text, Name: text}, text
		f.Trail = []report.Step{{Path: text, Line: 1, What: text, Role: report.RoleValues}, {Path: text, Line: 2, What: text, Role: report.RoleTemplate}, {Path: text, Line: 3, Role: report.RoleWith}}
		f.Rendered, f.Owners, f.Threshold = &report.Around{Base: "a: " + text, Head: text}, []string{text}, text
		f.Suggestion = &report.Suggestion{Path: text, StartLine: 1, EndLine: 1, Replacement: text, Before: "x", Verified: true}
		f.Excerpt = &report.Excerpt{First: 2, Lines: strings.Split(text, "\n"), From: 3, To: 3, Keys: []string{text}}
		if s := f.Suppressed; s != nil {
			s.By, s.Reason, s.Path, s.Approver, s.Expires, s.Kind = text, text, text, text, text, text
		}
	}
	r.Category = text
	r.Findings[1].Check = text // a policy is called what its author calls it
	for i := range r.Targets {
		t := &r.Targets[i]
		t.ID, t.Path, t.Variant, t.Error, t.Kind = text, text, text, text, text
		t.Changes = []report.Change{
			{Object: report.Object{Kind: text, Name: text}, Was: &report.Object{Kind: text, Name: text}, What: report.Renamed, Fields: []report.FieldChange{{Field: text, Lines: []string{"-" + text, "+" + text, text}}}},
			{Object: report.Object{Kind: text, Name: text}, What: report.Removed},
		}
		t.Attachments = []report.Attachment{{Title: text, Language: text, Text: text}, {Title: text, Language: "mermaid", Text: text}}
	}
	r.Undecided = []report.Undecided{{Target: text, Side: text, Stage: text, Error: text, Accepted: text}, {Target: text, Side: "head", Stage: "render", Error: text}}
	r.Notes = []report.Note{{Target: text, What: text}, {What: text}}
	r.Rules = []report.Rule{{ID: "privileged-container", Title: text, Why: text, Fix: text, Source: text}}
	r.Debt = &report.Debt{Targets: []report.Share{{Name: text, Severity: "high", Findings: 1}}, Owners: []report.Share{{Name: text}}}
	return r
}

// commands are lines that the runner obeys: it looks for :: behind leading
// space and for ##[ anywhere.
var commands = regexp.MustCompile(`(?m)^[ \t]*::|##\[`)

// steering is what a terminal obeys or hides.
var steering = regexp.MustCompile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")

func checkSinks(t *testing.T, text string) {
	t.Helper()
	r := attacked(text)
	for _, o := range []report.Options{{}, {ServerURL: "https://github.com", Repository: "acme/shop"}} {
		page := write(t, "markdown", r, o)
		if wrong := marktest.Wrong(page, "https://github.com/acme/shop/blob/"); len(wrong) > 0 {
			t.Errorf("%.60q in Markdown: %v", text, wrong)
		}
		if strings.Count(page, "<details>") != strings.Count(page, "</details>") && !strings.Contains(text, "details>") {
			t.Errorf("%.60q: folds that do not close", text)
		}
	}
	log := write(t, "text", r, report.Options{Verbose: true})
	if found := steering.FindString(log); found != "" {
		t.Errorf("%.60q in text: the terminal gets %q", text, found)
	}
	if found := commands.FindString(log); found != "" {
		t.Errorf("%.60q in text: the runner reads %q", text, found)
	}
	for line := range strings.Lines(write(t, "github", r, report.Options{})) {
		if !regexp.MustCompile(`^(::(error|warning|notice) [^\n]*|rendergate: [^\n]*)\n$`).MatchString(line) || strings.Contains(line, "##[") || steering.MatchString(line) {
			t.Errorf("%.60q in annotations: the line %q", text, line)
		}
		if !strings.HasPrefix(line, "::") {
			continue
		}
		_, rest, _ := strings.Cut(line, " ")
		properties, _, _ := strings.Cut(rest, "::")
		for i, one := range strings.Split(properties, ",") {
			if key, _, _ := strings.Cut(one, "="); !regexp.MustCompile(`^(file|line|endLine|title)$`).MatchString(key) || key == "file" && i > 0 {
				t.Errorf("%.60q in annotations: the property %q", text, one)
			}
		}
	}
	for _, format := range []string{"json", "sarif"} {
		var any map[string]any
		if err := json.Unmarshal([]byte(write(t, format, r, report.Options{Source: source})), &any); err != nil {
			t.Errorf("%.60q in %s: %v", text, format, err)
		}
	}
}

// TestInjection puts hostile text through every sink.
func TestInjection(t *testing.T) {
	for _, text := range attacks {
		checkSinks(t, text)
	}
}

func FuzzInjection(f *testing.F) {
	for _, text := range attacks {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) < 5000 {
			checkSinks(t, text)
		}
	})
}
