package checks

import (
	"fmt"
	"strings"
)

// Page is the documentation of a check, as Markdown.
func Page(c *Check) string {
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
		{"Found", c.Bad, c.Terraform.Bad}, {"Not found", c.Good, c.Terraform.Good}, {"Looks like it, and is not", c.NearMiss, c.Terraform.NearMiss},
	} {
		fmt.Fprintf(&b, "\n## %s\n\n```yaml\n%s```\n", example.title, strings.ReplaceAll(example.text, " # want\n", " # here\n"))
		if example.hcl != "" {
			fmt.Fprintf(&b, "\n```hcl\n%s```\n", strings.ReplaceAll(example.hcl, " # want\n", " # here\n"))
		}
	}
	return b.String()
}
