package infra

import (
	"slices"
	"strings"
	"unicode"

	"github.com/rendergate/rendergate/render/manifest"
)

// kopsPrograms reads kOps' sections, whose fields are the flags in camel case.
func kopsPrograms(o *manifest.Object) []Program {
	spec := o.Root.Get("spec")
	var all []Program
	if o.Kind == "Cluster" {
		for _, part := range []struct{ name, field string }{
			{APIServer, "kubeAPIServer"}, {ControllerManager, "kubeControllerManager"}, {Scheduler, "kubeScheduler"},
		} {
			all = append(all, kopsProgram(o, part.name, spec.Get(part.field)))
		}
		if spec.Get("authorization", "alwaysAllow").IsMap() {
			server := &all[0]
			if !server.Given("authorization-mode") {
				server.Flags["authorization-mode"] = Flag{"AlwaysAllow", spec.Get("authorization", "alwaysAllow")}
			}
		}
		all[0].addSwitch("encryption-provider-config", spec.Get("encryptionConfig"))
	}
	for _, field := range []string{"kubelet", "controlPlaneKubelet", "masterKubelet"} {
		if at := spec.Get(field); at.Set() {
			p := kopsProgram(o, Kubelet, at)
			if field != "kubelet" {
				p.Subject = manifest.Subject{Container: field}
			}
			all = append(all, p)
		}
	}
	return all
}

func kopsProgram(o *manifest.Object, name string, at manifest.Node) Program {
	p := Program{Name: name, Of: Described(o), Flags: Flags{}, At: at, Default: hardened[name]}
	for field, value := range at.Fields() {
		text := value.Text()
		if value.IsList() {
			var parts []string
			for item := range value.Items() {
				parts = append(parts, item.Text())
			}
			text = strings.Join(parts, ",")
		}
		if value.Set() {
			p.Flags[kebab(field)] = Flag{text, value}
		}
	}
	if plugins, given := p.Flags["append-admission-plugins"]; given && !p.Given("enable-admission-plugins") {
		p.Flags["enable-admission-plugins"] = Flag{"NodeRestriction," + plugins.Value, plugins.At}
	}
	p.write = func(flag, value string) []manifest.Edit {
		if p.Given(flag) && !p.Flags[flag].At.IsList() && p.Flags[flag].At.Text() != "" {
			return []manifest.Edit{manifest.SetTo(p.Flags[flag].At, value)}
		}
		if camel := kopsNames[flag]; camel != "" && !p.Given(flag) {
			return []manifest.Edit{manifest.SetTo(at.Get(camel), value)}
		}
		return nil
	}
	return p
}

// kopsNames are the fields that kOps has for flags which a mend adds.
var kopsNames = map[string]string{
	"audit-log-path": "auditLogPath", "audit-policy-file": "auditPolicyFile", "audit-log-maxage": "auditLogMaxAge",
	"audit-log-maxbackup": "auditLogMaxBackups", "audit-log-maxsize": "auditLogMaxSize", "anonymous-auth": "anonymousAuth",
}

// kebab is a flag's name of a field's.
func kebab(field string) string {
	for flag, name := range kopsNames {
		if name == field {
			return flag
		}
	}
	if strings.HasPrefix(field, "admissionControl") || field == "enableAdmissionPlugins" {
		return "enable-admission-plugins"
	}
	var b strings.Builder
	letters := []rune(field)
	for i, r := range letters {
		// CAFile is ca-file, as makeIPTables is make-ip-tables.
		if unicode.IsUpper(r) && i > 0 && (!unicode.IsUpper(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1])) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	name := b.String()
	if i := slices.Index([]string{"make-ip-tables-util-chains", "make-iptables-util-chains"}, name); i >= 0 {
		return "make-iptables-util-chains"
	}
	return name
}
