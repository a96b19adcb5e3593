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

// addFields takes fields for flags. A list is what commas part in a flag.
func (p *Program) addFields(at manifest.Node, fields map[string][]string) {
	for flag, path := range fields {
		field := at.Get(path...)
		if !field.Set() {
			continue
		}
		value := field.Text()
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
