package checks

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed said/*.txt
var said embed.FS

// Said is what rendergate says of a check's failing example, as a user sees it
// where a pull request makes the passing example it. The tests keep it true.
func Said(c *Check) string {
	text, err := said.ReadFile("said/" + c.ID + ".txt")
	if err != nil {
		return "" // of a check that is being written
	}
	return string(text)
}

// Page is the documentation of a check, as Markdown, with what rendergate says
// of the failing example.
func Page(c *Check, said string) string {
	var b strings.Builder
	state := "on"
	if c.Off {
		state = "off by default; enable it with `checks: {enable: [" + c.ID + "]}`"
	}
	fmt.Fprintf(&b, "# %s\n\n%s.\n\n", c.ID, c.Title)
	fmt.Fprintf(&b, "| | |\n|-|-|\n| Severity | %s |\n| Topic | %s |\n| Since | %s |\n| State | %s |\n| Source | %s |\n", c.Severity, c.Topic, c.Since, state, c.Source)
	if len(c.Aliases) > 0 {
		fmt.Fprintf(&b, "| Also known as | %s |\n", strings.Join(c.Aliases, ", "))
	}
	fmt.Fprintf(&b, "\n## Why\n\n%s\n\n## What to do\n\n%s\n", c.Why, c.Fix)
	for _, example := range []struct{ title, text, hcl string }{
		{"Before", c.Before, c.Terraform.Before}, {c.found(), c.Bad, c.Terraform.Bad},
		{"Not found", c.Good, c.Terraform.Good}, {"Looks like it, and is not", c.NearMiss, c.Terraform.NearMiss},
	} {
		if example.text != "" {
			fmt.Fprintf(&b, "\n## %s\n\n```yaml\n%s```\n", example.title, strings.ReplaceAll(example.text, " # want\n", " # here\n"))
		}
		if example.hcl != "" {
			fmt.Fprintf(&b, "\n```hcl\n%s```\n", strings.ReplaceAll(example.hcl, " # want\n", " # here\n"))
		}
	}
	if said != "" {
		fmt.Fprintf(&b, "\n## What rendergate says\n\nOf a pull request that makes %s:\n\n```text\n%s```\n", c.change(), said)
	}
	return b.String()
}

// found and change are the words for a check's examples: those of a Compare
// check are what a change makes of the first.
func (c *Check) found() string {
	if c.Compare != nil {
		return "Found after"
	}
	return "Found"
}

func (c *Check) change() string {
	if c.Compare != nil {
		return "the first of these the second"
	}
	return "the second of these the first"
}
