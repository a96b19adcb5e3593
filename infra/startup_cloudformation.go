package infra

import (
	"regexp"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// stackStartUp reads the user data of what CloudFormation launches, and what
// cfn-init does with the metadata beside it.
func stackStartUp(way ...string) func(o *manifest.Object) []StartUp {
	return func(o *manifest.Object) []StartUp {
		s := startUpOf(o)
		s.addScriptOf(o.Root.Get(way...).Get("UserData"))
		for name, config := range o.Root.Get("Metadata", "AWS::CloudFormation::Init").Fields() {
			if name != "configSets" {
				s.cfnInit(config)
			}
		}
		return []StartUp{s}
	}
}

// addScriptOf takes user data of which only a part may be known. What another
// object of the module writes down is read there.
func (s *StartUp) addScriptOf(at manifest.Node) {
	if to, refers := at.Refers(); at.Unknown() && bareName.MatchString(at.Partly()) && !(refers && strings.HasPrefix(to.Kind, "data.")) {
		s.Unclear = append(s.Unclear, at)
	}
	at = at.Known()
	s.userData(shellNames(at.Text()), at, 0, 0)
}

// bareName is the text of what is only a name of something else, or nothing.
var bareName = regexp.MustCompile(`^(\$\{[^{}]*\})?$`)

// namedPart is a name in the place of what nobody knows.
var namedPart = regexp.MustCompile(`\$\{[A-Za-z0-9:.]+\}`)

// shellNames makes the names in a script such that a shell takes them for names.
func shellNames(script string) string {
	return namedPart.ReplaceAllStringFunc(script, func(name string) string {
		return strings.NewReplacer(":", "_", ".", "_").Replace(name)
	})
}

// cfnInit takes a configuration of cfn-init: packages, files and commands.
func (s *StartUp) cfnInit(config manifest.Node) {
	for manager, list := range config.Get("packages").Fields() {
		for name, at := range list.Fields() {
			s.Packages = append(s.Packages, Installed{manager + " " + name, at})
		}
	}
	for path, f := range config.Get("files").Fields() {
		at := f.Get("content").Known()
		if text := shellNames(at.Text()); text != "" {
			s.addFile(File{Path: path, Text: text, At: at})
		}
	}
	for _, command := range config.Get("commands").Fields() {
		at := command.Get("command").Known()
		text := at.Text()
		if at.IsList() {
			var words []string
			for word := range at.Items() {
				words = append(words, quoted(word.Known().Text()))
			}
			text = strings.Join(words, " ")
		}
		if text = shellNames(text); text == "" {
			continue
		}
		s.Scripts = append(s.Scripts, Script{text, at, 0})
		s.Texts = append(s.Texts, Text{"command", text, at, 0})
	}
}
