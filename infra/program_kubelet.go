package infra

import (
	"strconv"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// kubeletFields are the fields of KubeletConfiguration by the name of the flag.
var kubeletFields = map[string][]string{
	"anonymous-auth":                    {"authentication", "anonymous", "enabled"},
	"authorization-mode":                {"authorization", "mode"},
	"client-ca-file":                    {"authentication", "x509", "clientCAFile"},
	"read-only-port":                    {"readOnlyPort"},
	"protect-kernel-defaults":           {"protectKernelDefaults"},
	"streaming-connection-idle-timeout": {"streamingConnectionIdleTimeout"},
	"make-iptables-util-chains":         {"makeIPTablesUtilChains"},
	"rotate-certificates":               {"rotateCertificates"},
	"tls-cipher-suites":                 {"tlsCipherSuites"},
	"allowed-unsafe-sysctls":            {"allowedUnsafeSysctls"},
	"feature-gates":                     {"featureGates"},
}

// kubeletConfiguration reads a file of the kubelet's own.
func kubeletConfiguration(o *manifest.Object) []Program {
	return []Program{kubeletOf(o, o.Root, o.Kind+" "+strconv.Quote(o.Name), manifest.Subject{})}
}

// kubeletOf reads the fields of KubeletConfiguration wherever they stand.
func kubeletOf(_ *manifest.Object, at manifest.Node, of string, subject manifest.Subject) Program {
	p := Program{Name: Kubelet, Of: of, Flags: Flags{}, At: at, Subject: subject, Default: configured}
	p.addFields(at, kubeletFields)
	p.write = func(flag, value string) []manifest.Edit {
		if field := at.Get(kubeletFields[flag]...); len(kubeletFields[flag]) > 0 && !field.IsList() {
			return []manifest.Edit{manifest.SetTo(field, value)}
		}
		return nil
	}
	return p
}

// eksConfigKubelet is the kubelet of nodes that Cluster API makes for EKS, whose
// arguments go over the configuration of Amazon's image.
func eksConfigKubelet(way ...string) func(o *manifest.Object) []Program {
	return func(o *manifest.Object) []Program {
		args := o.Root.Get(way...).Get("kubeletExtraArgs")
		if !args.Set() {
			return nil
		}
		return []Program{mappedProgram(o, Kubelet, args, configured)}
	}
}

// addFields takes fields for flags. A list is what commas part in a flag, and so are
// names with values.
func (p *Program) addFields(at manifest.Node, fields map[string][]string) {
	for flag, path := range fields {
		field := at.Get(path...)
		if !field.Set() {
			continue
		}
		value := field.Text()
		if field.IsMap() {
			var parts []string
			for name, on := range field.Fields() {
				parts = append(parts, name+"="+on.Text())
			}
			value = strings.Join(parts, ",")
		}
		if field.IsList() {
			var parts []string
			for item := range field.Items() {
				parts = append(parts, item.Text())
			}
			value = strings.Join(parts, ",")
		}
		p.Flags[flag] = Flag{value, field}
	}
}
