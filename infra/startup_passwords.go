package infra

import (
	"strings"
)

// Passwords are the ways by which a node lets people log in with one: what cloud-init,
// a file of sshd or a command switches on.
func (s StartUp) Passwords() []Extra {
	const what = "PasswordAuthentication"
	var all []Extra
	for _, at := range s.Login {
		all = append(all, Extra{what, "ssh_pwauth is " + at.Text(), at, true})
	}
	for _, f := range s.Files {
		for line := range strings.Lines(f.Text) {
			if strings.Contains(f.Path, "sshd_config") && allowsPasswords(line) {
				all = append(all, Extra{what, "file " + f.Path, f.At, false})
				break
			}
		}
	}
	for _, script := range s.Scripts {
		commands := script.Commands()
		for _, c := range commands {
			if c.allowsPasswords() {
				all = append(all, Extra{what, c.Name + " " + strings.Join(c.Args, " "), script.Place(c.Line), len(commands) == 1})
			}
		}
	}
	return all
}

// allowsPasswords says so of a line of sshd's configuration.
func allowsPasswords(line string) bool {
	words := strings.Fields(line)
	return len(words) >= 2 && strings.EqualFold(words[0], "PasswordAuthentication") && strings.EqualFold(words[1], "yes")
}

// allowsPasswords says so of a command that writes such a line, or replaces another
// one by it.
func (c ShellCommand) allowsPasswords() bool {
	for _, arg := range c.Args {
		switch c.Name {
		case "echo", "printf":
			if allowsPasswords(arg) {
				return true
			}
		case "sed":
			if len(arg) > 1 && arg[0] == 's' {
				parts := strings.Split(arg[2:], arg[1:2])
				if len(parts) >= 2 && allowsPasswords(parts[1]) {
					return true
				}
			}
		}
	}
	return false
}
