package infra

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// Diagnostics is what sends the logs of a resource of Azure to where they are
// kept.
type Diagnostics struct {
	Of    manifest.Node // the resource
	Audit Setting       // whether the audit log of Kubernetes is not among them
}

// DiagnosticsOf are the diagnostics that an object describes; false for other
// objects.
func DiagnosticsOf(o *manifest.Object) (Diagnostics, bool) {
	switch o.GroupKind() {
	case "azurerm_monitor_diagnostic_setting":
		logs := append(slices.Collect(o.Root.Get("enabled_log").Items()), slices.Collect(o.Root.Get("log").Items())...)
		at := firstSet(o.Root.Get("log"), o.Root.Get("enabled_log"))
		return Diagnostics{o.Root.Get("target_resource_id"), auditAmong(at, logs, "category", "category_group")}, true
	case "insights.azure.com/DiagnosticSetting":
		at := o.Root.Get("spec", "logs")
		return Diagnostics{o.Root.Get("spec", "owner"), auditAmong(at, slices.Collect(at.Items()), "category", "categoryGroup")}, true
	}
	return Diagnostics{}, false
}

// auditAmong is the setting of a list of logs that has to name one of the audit
// logs, or a group with them.
func auditAmong(at manifest.Node, logs []manifest.Node, fields ...string) Setting {
	s := Setting{At: at, Weak: !at.Unknown()}
	for _, log := range logs {
		if log.Get("enabled").IsFalse() {
			continue
		}
		s = s.depending(log, log.Get("enabled"))
		for _, field := range fields {
			switch category := log.Get(field); category.Text() {
			case "kube-audit", "kube-audit-admin", "audit", "allLogs":
				s.Weak = false
			default:
				s = s.depending(category)
			}
		}
	}
	s.Weak = s.Weak || at.Unknown()
	return s
}

// About says whether the diagnostics are those of an object; known is false
// where nobody can tell.
func (d Diagnostics) About(o *manifest.Object) (about, known bool) {
	if to, refers := d.Of.Refers(); refers {
		return to.Kind == o.Kind && bare(to.Name) == bare(o.Name), true
	}
	if d.Of.IsMap() { // an owner, by its kind and its name
		return d.Of.Get("kind").Text() == o.Kind && d.Of.Get("name").Text() == o.Name, !d.Of.HasUnknown()
	}
	return strings.HasSuffix(strings.ToLower(d.Of.Text()), "/managedclusters/"+strings.ToLower(o.Root.Get("name").Text())), !d.Of.Unknown()
}

// bare is the name of a resource without the key of its instance.
func bare(name string) string {
	if at := strings.LastIndexByte(name, '['); at >= 0 && strings.HasSuffix(name, "]") {
		return name[:at]
	}
	return name
}
