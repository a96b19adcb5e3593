// Package marktest looks at Markdown as GitHub shows it, for tests that
// nothing of a pull request becomes markup, a link, a mention or a reference.
package marktest

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
	xhtml "golang.org/x/net/html"
)

// ours are the elements that our texts are made of.
var ours = strings.Fields("html head body p h3 table thead tbody tr th td br code pre strong em ul li details summary sub blockquote hr a")

// referred is what GitHub makes links of, and notifies people about, wherever
// it stands outside of code: it looks at what was rendered.
var referred = regexp.MustCompile(`@[A-Za-z0-9]|#[0-9]|(?i:\bgh-[0-9])`)

// invisible turns text around or hides it.
var invisible = regexp.MustCompile("[\u0000-\u0008\u000b-\u001f\u007f\u0085\u200c-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")

// Wrong says what a text shows that it should not: elements that are not ours,
// links to other places than below the prefix, mentions and references outside
// of code, and characters that are not seen.
func Wrong(text, prefix string) []string {
	var page bytes.Buffer
	markdown := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))
	if err := markdown.Convert([]byte(text), &page); err != nil {
		return []string{err.Error()}
	}
	root, err := xhtml.Parse(&page)
	if err != nil {
		return []string{err.Error()}
	}
	l := look{prefix: prefix}
	l.at(root, false)
	return l.wrong
}

type look struct {
	prefix string
	wrong  []string
}

func (l *look) say(format string, args ...any) {
	l.wrong = append(l.wrong, fmt.Sprintf(format, args...))
}

func (l *look) at(n *xhtml.Node, code bool) {
	switch n.Type {
	case xhtml.ElementNode:
		l.element(n)
		code = code || n.Data == "code" || n.Data == "pre"
	case xhtml.TextNode:
		if found := referred.FindString(n.Data); found != "" && !code {
			l.say("%q outside of code: %q", found, n.Data)
		}
		if found := invisible.FindString(n.Data); found != "" {
			l.say("%q in %q", found, n.Data)
		}
	case xhtml.CommentNode:
		if !strings.HasPrefix(n.Data, " rendergate:v1 ") {
			l.say("a comment: %q", n.Data)
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		l.at(c, code)
	}
}

func (l *look) element(n *xhtml.Node) {
	if !slices.Contains(ours, n.Data) {
		l.say("an element %s", n.Data)
	}
	for _, a := range n.Attr {
		switch {
		case n.Data == "a" && a.Key == "href" && l.prefix != "" && strings.HasPrefix(a.Val, l.prefix):
		case n.Data == "code" && a.Key == "class" && slices.Contains([]string{"language-diff", "language-suggestion", "language-mermaid", "language-yaml"}, a.Val):
		case (n.Data == "th" || n.Data == "td") && (a.Key == "align" || a.Key == "style"):
		default:
			l.say("%s %s=%q", n.Data, a.Key, a.Val)
		}
	}
}
