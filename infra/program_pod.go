package infra

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// wholePrograms are those whose containers are looked for.
var wholePrograms = []string{APIServer, ControllerManager, Scheduler, Etcd, Kubelet}

// word is one word of a command line, and the node that it stands in. A shell's
// script holds several.
type word struct {
	text string
	at   manifest.Node
}

// podPrograms reads static Pods and other workloads that run a program itself.
func podPrograms(o *manifest.Object) []Program {
	var all []Program
	for c := range o.Containers() {
		words := commandLine(c)
		for i, word := range words {
			if name := path.Base(word.text); slices.Contains(wholePrograms, name) {
				all = append(all, podProgram(o, c, name, words[i+1:]))
				break
			}
		}
	}
	return all
}

// Command are the flags of a container that runs a program; false when it runs
// something else.
func Command(c manifest.Container, program string) (Flags, bool) {
	words := commandLine(c)
	for i, word := range words {
		if path.Base(word.text) == program {
			return wordFlags(words[i+1:]), true
		}
	}
	return nil, false
}

// commandLine are the words of command and args, as the kubelet puts them
// together.
func commandLine(c manifest.Container) []word {
	var words []word
	for _, field := range []string{"command", "args"} {
		for item := range c.Get(field).Items() {
			text := strings.TrimSpace(item.Text())
			if strings.Contains(text, " --") {
				for _, part := range strings.Fields(text) {
					words = append(words, word{part, item})
				}
				continue
			}
			words = append(words, word{text, item})
		}
	}
	return words
}

func podProgram(o *manifest.Object, c manifest.Container, name string, words []word) Program {
	p := Program{
		Name: name, Of: "container " + strconv.Quote(c.Name()), Flags: wordFlags(words),
		At: c.Get("command"), Subject: c.Subject(), Default: ownDefaults[name],
		// Others run etcd for their own purposes, and a kubelet in a container.
		Whole: o.GroupKind() == "Pod" || o.Namespace == "kube-system",
	}
	if args := c.Get("args"); args.Exists() {
		p.At = args
	}
	switch {
	case name == Kubelet && p.Given("config"):
		p.Default = configured
	case p.Given("config") || p.Given("config-file"):
		p.Elsewhere = true
	case name == APIServer && p.Given("authorization-config"):
		p.Default = with(p.Default, map[string]string{"authorization-mode": "Node,RBAC"})
	}
	if c.Get("args").Undecided() || c.Get("command").Undecided() {
		p.Elsewhere = true
	}
	if name == APIServer && p.Given("authentication-config") {
		p.Default = with(p.Default, map[string]string{"anonymous-auth": ""})
	}
	p.write = func(flag, value string) []manifest.Edit {
		word := "--" + flag + "=" + value
		f, given := p.Flags[flag]
		switch {
		case strings.Contains(f.At.Text(), " --"):
			return nil // a script
		case !given:
			return []manifest.Edit{manifest.AppendTo(p.At, word)}
		case strings.Contains(f.At.Text(), "=") || f.Value == "true" && f.At.Text() == "--"+flag:
			return []manifest.Edit{manifest.SetTo(f.At, word)}
		}
		return nil // the value is a word of its own
	}
	return p
}

// wordFlags reads --k=v and --k v.
func wordFlags(words []word) Flags {
	found := Flags{}
	for i, word := range words {
		name, isFlag := strings.CutPrefix(word.text, "--")
		if !isFlag {
			continue
		}
		name, value, given := strings.Cut(name, "=")
		if !given && i+1 < len(words) && !strings.HasPrefix(words[i+1].text, "-") {
			value, given = words[i+1].text, true
		}
		if !given {
			value = "true" // a boolean flag by itself
		}
		found[name] = Flag{strings.Trim(value, `"'`), word.at}
	}
	return found
}
