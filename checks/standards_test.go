package checks_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"

	"github.com/rendergate/rendergate/checks"
)

// standards maps the official checks of the Pod Security Standards to ours,
// which name the very field: each of the first fires where one of the second
// does, and nowhere else.
var standards = map[policy.CheckID][]string{
	"allowPrivilegeEscalation":   {"allow-privilege-escalation"},
	"appArmorProfile":            {"apparmor-unconfined"},
	"capabilities_baseline":      {"cap-added", "cap-dangerous", "cap-sys-admin"},
	"capabilities_restricted":    {"cap-added", "cap-dangerous", "cap-sys-admin", "cap-not-dropped", "cap-added-back"},
	"hostNamespaces":             {"host-pid", "host-ipc", "host-network"},
	"hostPathVolumes":            {"host-path"},
	"hostPorts":                  {"host-port"},
	"hostProbesAndHostLifecycle": {"probe-host"},
	"privileged":                 {"privileged-container"},
	"procMount":                  {"proc-mount"},
	"procMount_restricted":       {"proc-mount", "proc-mount-user-namespace"},
	"restrictedVolumes":          {"host-path", "volume-type"},
	"runAsNonRoot":               {"run-as-non-root"},
	"runAsUser":                  {"run-as-root-user"},
	"seLinuxOptions":             {"selinux-options"},
	"seccompProfile_baseline":    {"seccomp-unconfined"},
	"seccompProfile_restricted":  {"seccomp-unconfined", "seccomp-unset"},
	"sysctls":                    {"unsafe-sysctls"},
	"windowsHostProcess":         {"windows-host-process"},
}

// officialChecks are the newest versions of the official checks, by id.
func officialChecks(t *testing.T) map[policy.CheckID]policy.CheckPodFn {
	t.Helper()
	all := map[policy.CheckID]policy.CheckPodFn{}
	for _, c := range policy.DefaultChecks() {
		all[c.ID] = c.Versions[len(c.Versions)-1].CheckPod
		if len(standards[c.ID]) == 0 {
			t.Errorf("no check of ours stands for %s", c.ID)
		}
	}
	return all
}

// firing are the ids of the checks of the standards that fire on a pod.
func firing(t *testing.T, pod []byte) map[string]bool {
	t.Helper()
	var ours []*checks.Check
	for _, c := range checks.All {
		for _, ids := range standards {
			if slices.Contains(ids, c.ID) {
				ours = append(ours, c)
				break
			}
		}
	}
	fired := map[string]bool{}
	for _, f := range judge(t, string(pod), ours...) {
		fired[f.Check.ID] = true
	}
	return fired
}

func anyOf(fired map[string]bool, ids []string) bool {
	return slices.ContainsFunc(ids, func(id string) bool { return fired[id] })
}

// TestPublishedFixtures: every pod that Kubernetes publishes as failing a check
// fires ours, and one that passes the restricted standard fires none of them.
func TestPublishedFixtures(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "k8s.io/pod-security-admission").Output()
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(strings.TrimSpace(string(out)), "test", "testdata")
	byName := map[string]policy.CheckID{}
	for id := range officialChecks(t) {
		byName[strings.ToLower(string(id))] = id
	}
	seen := 0
	for _, standard := range []string{"baseline", "restricted"} {
		files, err := filepath.Glob(filepath.Join(folder, standard, "v1.37", "*", "*.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			seen++
			fired := firing(t, data)
			name := strings.TrimRight(strings.TrimSuffix(filepath.Base(file), ".yaml"), "0123456789")
			if passes := filepath.Base(filepath.Dir(file)) == "pass"; !passes {
				if id := byName[name]; !anyOf(fired, standards[id]) {
					t.Errorf("%s fires %v, none of %v", file, fired, standards[id])
				}
				continue
			}
			for id, ours := range standards {
				if standard == "restricted" && anyOf(fired, ours) {
					t.Errorf("%s passes, and fires %v of %s", file, fired, id)
				}
			}
		}
	}
	if seen < 100 {
		t.Errorf("only %d fixtures were found below %s", seen, folder)
	}
}

// TestOfficialVerdict draws pods at random and holds each official check to
// those of ours that stand for it. What we judge is what the kubelet makes of
// a pod, so that fields which every container overrides are written as those.
func TestOfficialVerdict(t *testing.T) {
	official := officialChecks(t)
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 11))
		pod := drawnPod(r)
		data, err := json.Marshal(pod)
		if err != nil {
			t.Fatal(err)
		}
		var typed corev1.Pod
		if err := yaml.UnmarshalStrict(data, &typed); err != nil {
			t.Fatalf("%v in %s", err, data)
		}
		effective(&typed.Spec)
		fired := firing(t, data)
		for id, check := range official {
			if id == "runAsNonRoot" && namesUser(&typed.Spec) {
				continue // a user above 0 is not root either, which the standard does not say
			}
			onWindows := typed.Spec.OS != nil && typed.Spec.OS.Name == corev1.Windows
			if onWindows && (id == "seccompProfile_restricted" || id == "capabilities_restricted") {
				continue // not asked there, since the API server refuses both
			}
			if denied := !check(&typed.ObjectMeta, &typed.Spec).Allowed; denied != anyOf(fired, standards[id]) {
				t.Fatalf("%s denies it: %t; fired are %v of\n%s", id, denied, fired, data)
			}
		}
	}
}

// effective writes what containers take from their pod into the containers.
func effective(spec *corev1.PodSpec) {
	pod := spec.SecurityContext
	if pod == nil {
		return
	}
	for _, list := range [][]corev1.Container{spec.InitContainers, spec.Containers} {
		for i := range list {
			c := &list[i]
			if c.SecurityContext == nil {
				c.SecurityContext = &corev1.SecurityContext{}
			}
			own := c.SecurityContext
			own.RunAsUser = first(own.RunAsUser, pod.RunAsUser)
			own.RunAsNonRoot = first(own.RunAsNonRoot, pod.RunAsNonRoot)
			own.SeccompProfile = first(own.SeccompProfile, pod.SeccompProfile)
		}
	}
	pod.RunAsUser, pod.RunAsNonRoot, pod.SeccompProfile = nil, nil, nil
}

func first[T any](own, pod *T) *T {
	if own != nil {
		return own
	}
	return pod
}

func namesUser(spec *corev1.PodSpec) bool {
	for _, c := range slices.Concat(spec.InitContainers, spec.Containers) {
		if c.SecurityContext != nil && c.SecurityContext.RunAsUser != nil && *c.SecurityContext.RunAsUser > 0 {
			return true
		}
	}
	return false
}

type fields = map[string]any

// maybe adds a field in one of three pods.
func maybe(r *rand.Rand, to fields, field string, values ...any) {
	if r.IntN(3) == 0 {
		to[field] = values[r.IntN(len(values))]
	}
}

func drawnPod(r *rand.Rand) fields {
	context := drawnContext(r)
	maybe(r, context, "sysctls", []any{fields{"name": "kernel.msgmax", "value": "1"}}, []any{fields{"name": "net.ipv4.tcp_rmem", "value": "1"}}, []any{})
	spec := fields{"containers": []any{drawnContainer(r, "a"), drawnContainer(r, "b")}}
	maybe(r, spec, "securityContext", context)
	maybe(r, spec, "initContainers", []any{drawnContainer(r, "i")})
	if maybe(r, spec, "os", fields{"name": "linux"}, fields{"name": "windows"}); r.IntN(20) > 0 {
		delete(spec, "os") // Windows refuses most of what follows
	}
	for _, field := range []string{"hostPID", "hostIPC", "hostNetwork", "hostUsers"} {
		maybe(r, spec, field, true, false)
	}
	maybe(r, spec, "volumes", []any{}, []any{fields{"name": "v", "hostPath": fields{"path": "/x"}}}, []any{fields{"name": "v", "nfs": fields{"server": "s", "path": "/"}}},
		[]any{fields{"name": "v", "secret": fields{}}, fields{"name": "w", "emptyDir": fields{}}})
	meta := fields{"name": "p"}
	maybe(r, meta, "annotations", fields{"container.apparmor.security.beta.kubernetes.io/a": "unconfined"}, fields{"container.apparmor.security.beta.kubernetes.io/a": "runtime/default"})
	if _, set := meta["annotations"]; set {
		delete(context, "appArmorProfile") // the API server refuses both
		for _, c := range spec["containers"].([]any) {
			if own, ok := c.(fields)["securityContext"].(fields); ok {
				delete(own, "appArmorProfile")
			}
		}
	}
	return fields{"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}
}

// drawnContext are the fields that a pod and a container have alike.
func drawnContext(r *rand.Rand) fields {
	profiles := []any{fields{"type": "RuntimeDefault"}, fields{"type": "Localhost", "localhostProfile": "x"}, fields{"type": "Unconfined"}}
	context := fields{}
	maybe(r, context, "runAsNonRoot", true, false)
	maybe(r, context, "runAsUser", 0, 1, 20000)
	maybe(r, context, "seccompProfile", profiles...)
	maybe(r, context, "appArmorProfile", profiles...)
	maybe(r, context, "seLinuxOptions", fields{"type": "spc_t"}, fields{"type": "container_t"}, fields{"user": "u"}, fields{"role": "r"}, fields{"level": "l"}, fields{})
	maybe(r, context, "windowsOptions", fields{"hostProcess": true}, fields{"hostProcess": false})
	return context
}

func drawnContainer(r *rand.Rand, name string) fields {
	context := drawnContext(r)
	maybe(r, context, "privileged", true, false)
	maybe(r, context, "allowPrivilegeEscalation", true, false, false)
	maybe(r, context, "procMount", "Default", "Unmasked")
	maybe(r, context, "capabilities", fields{"drop": []any{"ALL"}}, fields{"drop": []any{"ALL"}, "add": []any{"NET_BIND_SERVICE"}}, fields{"drop": []any{"ALL"}, "add": []any{"CHOWN"}},
		fields{"add": []any{"SYS_ADMIN"}}, fields{"drop": []any{"KILL"}, "add": []any{"NET_RAW", "SYS_TIME"}})
	c := fields{"name": name, "image": "registry.example.com/a:1.0"}
	maybe(r, c, "securityContext", context)
	maybe(r, c, "ports", []any{fields{"containerPort": 1, "hostPort": 1}}, []any{fields{"containerPort": 1, "hostPort": 0}})
	maybe(r, c, "livenessProbe", fields{"httpGet": fields{"port": 1, "host": "h"}}, fields{"tcpSocket": fields{"port": 1}})
	maybe(r, c, "lifecycle", fields{"preStop": fields{"tcpSocket": fields{"port": 1, "host": "h"}}}, fields{"postStart": fields{"httpGet": fields{"port": 1}}})
	return c
}
