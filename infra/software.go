package infra

import (
	"path"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// Extra is software that a node gets when it starts, or a guard that it loses.
type Extra struct {
	What string // what is put in or switched off, without versions: its identity
	How  string // for people
	At   manifest.Node
	// Alone says that the place holds nothing else, so that it can be taken away.
	Alone bool
}

// installers are the commands that install packages, by the word that does.
var installers = map[string][]string{
	"apt": {"install"}, "apt-get": {"install"}, "yum": {"install", "localinstall"}, "dnf": {"install"}, "microdnf": {"install"},
	"tdnf": {"install"}, "zypper": {"install", "in"}, "apk": {"add"}, "snap": {"install"}, "pip": {"install"}, "pip3": {"install"},
	"gem": {"install"}, "npm": {"install"}, "helm": {"install", "upgrade"}, "go": {"install"}, "amazon-linux-extras": {"install", "enable"},
	"add-apt-repository": nil, "yum-config-manager": nil, "rpm": {"-i", "-U", "-ivh", "-Uvh", "--install", "--upgrade", "--import"}, "dpkg": {"-i", "--install"},
}

// ownServices are those that make a machine a node.
var ownServices = []string{"kubelet", "containerd", "docker", "crio", "iptables", "chronyd", "systemd-timesyncd"}

// Software is what a node gets beyond its image.
func (s StartUp) Software() []Extra {
	var all []Extra
	for _, p := range s.Packages {
		all = append(all, Extra{What: withoutVersion(p.Name), How: "installs " + p.Name, At: p.At})
	}
	for _, f := range s.Files {
		for _, dir := range []string{"/etc/yum.repos.d/", "/etc/apt/sources.list.d/", "/etc/apk/repositories"} {
			if strings.HasPrefix(f.Path, dir) {
				all = append(all, Extra{What: "source " + path.Base(f.Path), How: "adds a source of packages, " + f.Path, At: f.At})
			}
		}
	}
	for _, script := range s.Scripts {
		for _, c := range script.Commands() {
			for _, what := range installed(c) {
				all = append(all, Extra{What: what, How: what, At: script.Place(c.Line)})
			}
		}
	}
	return all
}

// installed names what a command installs, fetches to run or starts for ever.
func installed(c ShellCommand) []string {
	if c.Runs != "" {
		return []string{"runs what it fetches from " + c.Runs}
	}
	if c.Name == "systemctl" && len(c.Args) > 0 && c.Args[0] == "enable" {
		var all []string
		for _, arg := range c.Args[1:] {
			if name := strings.TrimSuffix(arg, ".service"); arg != "" && !strings.HasPrefix(arg, "-") && !slices.Contains(ownServices, name) {
				all = append(all, "enables "+name)
			}
		}
		return all
	}
	verbs, known := installers[c.Name]
	if !known {
		return nil
	}
	at := 0
	if verbs != nil {
		if at = slices.IndexFunc(c.Args, func(arg string) bool { return slices.Contains(verbs, arg) }) + 1; at == 0 {
			return nil
		}
	}
	var all []string
	for _, arg := range c.Args[at:] {
		if arg != "" && !strings.HasPrefix(arg, "-") {
			all = append(all, c.Name+" "+withoutVersion(arg))
		}
	}
	if len(all) == 0 {
		all = []string{c.Name}
	}
	return all
}

// withoutVersion is a package's name: a new version is no new software.
func withoutVersion(name string) string {
	if strings.Contains(name, "://") {
		return name
	}
	if at := strings.LastIndexByte(name, ':'); at > strings.LastIndexByte(name, '/') {
		name = name[:at]
	}
	name, _, _ = strings.Cut(name, "@")
	name, _, _ = strings.Cut(name, "=")
	return name
}

// Unguarded are the guards of the kernel that a node switches off.
func (s StartUp) Unguarded() []Extra {
	var all []Extra
	for _, arg := range s.KernelArgs {
		if what := offArgument(arg.Text()); what != "" {
			all = append(all, Extra{what, "kernel argument " + arg.Text(), arg, true})
		}
	}
	for _, f := range s.Files {
		if what := offFile(f); what != "" {
			all = append(all, Extra{what, "file " + f.Path, f.At, false})
		}
	}
	for _, script := range s.Scripts {
		commands := script.Commands()
		for _, c := range commands {
			if what := offCommand(c); what != "" {
				all = append(all, Extra{what, c.Name + " " + strings.Join(c.Args, " "), script.Place(c.Line), len(commands) == 1})
			}
		}
	}
	return all
}

// offArgument tells what a kernel argument switches off.
func offArgument(text string) string {
	switch strings.ToLower(text) {
	case "selinux=0", "enforcing=0":
		return "SELinux"
	case "apparmor=0":
		return "AppArmor"
	}
	return ""
}

// offFile tells what the settings in a file switch off.
func offFile(f File) string {
	for line := range strings.Lines(f.Text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") {
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		key, value = strings.TrimSpace(key), strings.Trim(strings.TrimSpace(value), `"'`)
		switch {
		case key == "SELINUX" && (value == "disabled" || value == "permissive"):
			return "SELinux"
		case key == "enable_selinux" && value == "false" && strings.Contains(f.Path, "containerd"):
			return "SELinux of containerd"
		case strings.HasPrefix(key, "GRUB_CMDLINE_LINUX"):
			for _, word := range strings.Fields(value) {
				if what := offArgument(word); what != "" {
					return what
				}
			}
		}
	}
	return ""
}

// offCommand tells what a command switches off.
func offCommand(c ShellCommand) string {
	switch c.Name {
	case "setenforce":
		if len(c.Args) > 0 && (c.Args[0] == "0" || strings.EqualFold(c.Args[0], "permissive")) {
			return "SELinux"
		}
	case "aa-teardown", "aa-disable":
		return "AppArmor"
	case "systemctl", "service":
		off := slices.ContainsFunc(c.Args, func(arg string) bool { return arg == "disable" || arg == "stop" || arg == "mask" })
		if off && slices.ContainsFunc(c.Args, func(arg string) bool { return strings.TrimSuffix(arg, ".service") == "apparmor" }) {
			return "AppArmor"
		}
	case "apt", "apt-get":
		if slices.ContainsFunc(c.Args, func(arg string) bool { return arg == "remove" || arg == "purge" }) && slices.Contains(c.Args, "apparmor") {
			return "AppArmor"
		}
	case "sed", "echo", "printf", "grubby", "tee", "kernelstub", "rpm-ostree":
		for _, arg := range c.Args {
			for _, word := range strings.FieldsFunc(arg, func(r rune) bool { return strings.ContainsRune(" /|#,", r) }) {
				word = strings.Trim(word, `"'^$`)
				if word == "SELINUX=disabled" || word == "SELINUX=permissive" {
					if c.Name == "sed" && !replaces(arg, word) {
						continue
					}
					return "SELinux"
				}
				if what := offArgument(strings.TrimPrefix(word, "--append=")); what != "" && c.Name != "sed" {
					return what
				}
			}
		}
	}
	return ""
}

// replaces says that a sed expression puts a word in, and does not take it out.
func replaces(expression, word string) bool {
	parts := strings.FieldsFunc(expression, func(r rune) bool { return r == '/' || r == '|' || r == '#' || r == ',' })
	for i, part := range parts {
		if strings.Trim(part, "^$\"'") == word || strings.HasSuffix(part, word) {
			return i >= 2
		}
	}
	return false
}
