package report_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/internal/report"
)

// catalogue has a rule for each check of the sample.
func catalogue() (rules []report.Rule) {
	for _, f := range sample().Findings {
		rules = append(rules, report.Rule{ID: f.Check, Title: "Title of " + f.Check, Why: "It hurts.", Fix: "Mend it.", Source: "CIS", Topic: "topic", Severity: f.Severity})
	}
	return rules
}

func results(t testing.TB, r *report.Report) string {
	t.Helper()
	r.Rules = catalogue()
	return write(t, "results", r, report.Options{})
}

// TestResultsKeepWhatTheyMay reads what was written, and of every finding its
// state, place, key, object and whether it blocks, with our own words.
func TestResultsKeepWhatTheyMay(t *testing.T) {
	for _, format := range []string{"results", "json"} {
		in := sample()
		in.Rules, in.Category = catalogue(), "rendergate/apps,infrastructure"
		got, err := report.ReadResults(strings.NewReader(write(t, format, in, report.Options{})), catalogue())
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Findings) != len(in.Findings) || got.Category != in.Category || got.Verdict != in.Verdict || got.FailOn != "high" || got.Summary != in.Summary || len(got.Targets) != 3 || len(got.Undecided) != 1 {
			t.Fatalf("%s: %+v", format, got)
		}
		for i, f := range got.Findings {
			was := in.Findings[i]
			if f.Key != was.Key || f.State != was.State || f.Severity != was.Severity || f.Blocks != was.Blocks || f.Location != was.Location || f.Object != was.Object || f.Target != was.Target || f.Field != was.Field {
				t.Errorf("%s: %+v\nwas %+v", format, f, was)
			}
			if f.Message != "Title of "+f.Check || f.Suggestion != nil || f.Rendered != nil || f.Subject != "" {
				t.Errorf("%s: too much: %+v", format, f)
			}
		}
	}
}

// TestResultsOfAnAttacker keeps no character that a pull request chose freely.
func TestResultsOfAnAttacker(t *testing.T) {
	in := hostile()
	in.Rules, in.Category = catalogue(), hostileText
	in.Targets[0].Attachments = []report.Attachment{{Title: hostileText, Language: "mermaid", Text: hostileText}}
	in.Targets[0].Changes = []report.Change{{Object: report.Object{Kind: hostileText}, What: hostileText, Fields: []report.FieldChange{{Field: hostileText, Lines: []string{hostileText}}}}}
	for _, format := range []string{"results", "json"} {
		got, err := report.ReadResults(strings.NewReader(write(t, format, in, report.Options{})), catalogue())
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Findings) != len(in.Findings) {
			t.Errorf("%s: %d findings, want all %d", format, len(got.Findings), len(in.Findings))
		}
		all, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"forged", "img", "everyone", "javascript", "evil", "migration", "u202e"} {
			if strings.Contains(string(all), part) {
				t.Errorf("%s: %q passed:\n%s", format, part, all)
			}
		}
	}
}

func TestResultsThatAreRefused(t *testing.T) {
	good := results(t, sample())
	replace := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("there is no %s", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	for name, c := range map[string]struct{ text, want string }{
		"empty":           {"", "EOF"},
		"an array":        {"[]", "array"},
		"two":             {good + good, "something after"},
		"an unknown key":  {replace(`"schema"`, `"prose":"hi","schema"`), "prose"},
		"another schema":  {replace("rendergate/v1", "rendergate/v9"), "schema"},
		"a short commit":  {replace(strings.Repeat("a", 40), "aaaa"), "head"},
		"another verdict": {replace(`"verdict":"fail"`, `"verdict":"great"`), "verdict"},
		"another state":   {replace(`"state":"new"`, `"state":"newest"`), "newest"},
		"a severity":      {replace(`"severity":"critical"`, `"severity":"<b>"`), "<b>"},
		"a side":          {replace(`"side":"head"`, `"side":"moon"`), "moon"},
		"a key":           {replace(`"key":"0000000000000001"`, `"key":"-->"`), "-->"},
		"a key twice":     {replace(`"key":"0000000000000002"`, `"key":"0000000000000001"`), "0000000000000001"},
		"a target":        {replace(`"head":"rendered"`, `"head":"fine"`), "fine"},
		"a large number":  {replace(`"line":3`, `"line":1e300`), "number"},
		"too much":        {good + strings.Repeat(" ", report.MaxResults), "more than"},
	} {
		if _, err := report.ReadResults(strings.NewReader(c.text), catalogue()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestResultsOfUnknownChecks counts them, so that nobody takes them for none.
func TestResultsOfUnknownChecks(t *testing.T) {
	got, err := report.ReadResults(strings.NewReader(results(t, sample())), catalogue()[:1])
	if err != nil || len(got.Findings) != 1 || len(got.Notes) != 1 || !strings.Contains(got.Notes[0].What, "7 findings of checks") {
		t.Errorf("%v: %+v", err, got)
	}
	// The first check of the sample blocks, the second does not.
	for name, c := range map[string]struct {
		knows   []report.Rule
		verdict report.Verdict
		want    string
	}{
		"all of them":     {catalogue(), report.Fail, "This change is blocked: 1 new finding at or above high"},
		"what blocks":     {catalogue()[:1], report.Fail, "This change is blocked: 1 new finding at or above high; 1 more not shown here, which the log of the run has"},
		"none that block": {catalogue()[1:], report.Fail, "This change is blocked by findings that are not shown here: the log of the run has them"},
		"one of two":      {catalogue()[:1], report.Pass, "Nothing blocks: 1 new finding, none at or above high; 1 more not shown here, which the log of the run has"},
		"nothing new":     {catalogue()[2:], report.Pass, "Nothing blocks: 2 new findings not shown here, which the log of the run has"},
	} {
		in := sample()
		in.Verdict, in.Undecided = c.verdict, nil
		got, err := report.ReadResults(strings.NewReader(results(t, in)), c.knows)
		if err != nil {
			t.Fatal(err)
		}
		if said := report.Headline(got); said != c.want {
			t.Errorf("who knows %s says %q, want %q", name, said, c.want)
		}
	}
}

// TestResultsTooLarge are refused where they are written, not where they are
// read and nobody looks.
func TestResultsTooLarge(t *testing.T) {
	r := sample()
	r.Rules = catalogue()
	for i := range 20_000 {
		f := r.Findings[0]
		f.Key = fmt.Sprintf("%016x", i+100)
		r.Findings = append(r.Findings, f)
	}
	sink, err := report.NewSink("results", report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := sink.Write(&strings.Builder{}, r); err == nil || !strings.Contains(err.Error(), "more than rendergate review reads") {
		t.Errorf("got %v", err)
	}
}

// FuzzResults holds that whatever is read can be read once more as it is, and
// that nothing of it is markup, a mention or a command.
func FuzzResults(f *testing.F) {
	f.Add(results(f, sample()))
	f.Add(write(f, "json", hostile(), report.Options{}))
	f.Add(`{"schema":"rendergate/v1","base":"` + strings.Repeat("b", 40) + `","head":"` + strings.Repeat("a", 40) + `","verdict":"pass"}`)
	markup := regexp.MustCompile(`[<>\x00-\x1f` + "`" + `|\x7f-\x{10ffff}]`)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := report.ReadResults(strings.NewReader(text), catalogue())
		if err != nil {
			return
		}
		var texts []string
		for _, t := range r.Targets {
			texts = append(texts, t.ID, t.Kind, t.Path, t.Error, t.Variant)
		}
		texts = append(texts, r.Category)
		for _, f := range r.Findings {
			texts = append(append(texts, f.Targets...), f.Key, f.Severity, f.Message, f.Target, f.Object.String(), f.Object.APIVersion, f.Field, f.Subject, f.Location.Path, f.Location.How)
			for _, s := range f.Trail {
				texts = append(texts, s.Path, s.Role, s.What)
			}
		}
		for _, text := range texts {
			if markup.MatchString(text) || len(text) > 3*1024 {
				t.Fatalf("%q passed", text)
			}
		}
		again, err := report.ReadResults(strings.NewReader(write(t, "json", r, report.Options{})), catalogue())
		if err != nil || again.Summary != r.Summary {
			t.Fatalf("what was read is not read again: %v", err)
		}
		report.Markdown(r, report.Options{}, report.SummaryLimit)
	})
}
