package report

import (
	"fmt"
	"io/fs"
	"strings"
)

// Formats are the names that NewSink knows.
var Formats = []string{"text", "json", "sarif", "markdown", "github", "results"}

// Options are what sinks need to know of where they write.
type Options struct {
	Color   bool
	Verbose bool // also list what was there already
	Full    bool // tell everything that is new in full, for a log that nobody pages
	// Fix is the command that makes the proven edits, and Skip one that goes on
	// without; empty where there is none.
	Fix, Skip string
	// ServerURL and Repository (owner/name) make places into links; empty means
	// that there is nothing to link to.
	ServerURL, Repository string
	// Source is head's tree, for the hashes of lines; nil when it is not at hand.
	Source fs.FS
	// Caution is Markdown of our own for readers of a report that nobody vouches
	// for; empty for none.
	Caution string
	// Upload says that SARIF goes to code scanning, which ignores suppressions.
	Upload bool
	// NewOnly leaves what was there already out of SARIF: code scanning knows it
	// from the branch that a pull request is for.
	NewOnly bool
}

// NewSink returns the sink of a format. An unknown one is an error that lists the
// known ones.
func NewSink(format string, o Options) (Sink, error) {
	switch format {
	case "text":
		return text{o}, nil
	case "json":
		return jsonSink{}, nil
	case "sarif":
		return sarifSink{o}, nil
	case "markdown":
		return markdownSink{o}, nil
	case "results":
		return resultsSink{}, nil
	case "github":
		return annotations{}, nil
	}
	return nil, fmt.Errorf("there is no format %q: use %s", format, strings.Join(Formats, ", "))
}
