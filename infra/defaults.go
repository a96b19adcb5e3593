package infra

// The defaults of the programs themselves, of Kubernetes 1.37 and etcd 3.6, as
// far as checks ask for them.
var ownDefaults = map[string]map[string]string{
	APIServer: {
		"anonymous-auth": "true", "authorization-mode": "AlwaysAllow", "profiling": "true",
		"service-account-lookup": "true", "secure-port": "6443", "bind-address": "0.0.0.0",
	},
	ControllerManager: {"profiling": "true", "bind-address": "0.0.0.0", "use-service-account-credentials": "false", "terminated-pod-gc-threshold": "12500"},
	Scheduler:         {"profiling": "true", "bind-address": "0.0.0.0"},
	Etcd:              {"client-cert-auth": "false", "peer-client-cert-auth": "false", "auto-tls": "false", "peer-auto-tls": "false"},
	Kubelet: {
		"anonymous-auth": "true", "authorization-mode": "AlwaysAllow", "read-only-port": "10255", "protect-kernel-defaults": "false",
		"streaming-connection-idle-timeout": "4h0m0s", "make-iptables-util-chains": "true", "rotate-certificates": "false", "event-qps": "50",
	},
}

// kubeadmDefaults are what kubeadm, and who builds upon it, passes on.
var kubeadmDefaults = map[string]map[string]string{
	APIServer: {
		"anonymous-auth": "true", "authorization-mode": "Node,RBAC", "enable-admission-plugins": "NodeRestriction", "profiling": "true",
		"service-account-lookup": "true", "client-ca-file": "pki", "etcd-cafile": "pki", "etcd-certfile": "pki", "etcd-keyfile": "pki",
		"kubelet-client-certificate": "pki", "kubelet-client-key": "pki", "service-account-key-file": "pki", "tls-cert-file": "pki", "tls-private-key-file": "pki",
	},
	ControllerManager: {
		"bind-address": "127.0.0.1", "profiling": "true", "use-service-account-credentials": "true", "root-ca-file": "pki",
		"service-account-private-key-file": "pki", "terminated-pod-gc-threshold": "12500",
	},
	Scheduler: {"bind-address": "127.0.0.1", "profiling": "true"},
	Etcd: {
		"client-cert-auth": "true", "peer-client-cert-auth": "true", "cert-file": "pki", "key-file": "pki", "trusted-ca-file": "pki",
		"peer-cert-file": "pki", "peer-key-file": "pki", "peer-trusted-ca-file": "pki",
	},
	Kubelet: configured,
}

// configured are the defaults of a kubelet that gets a KubeletConfiguration.
var configured = map[string]string{
	"anonymous-auth": "false", "authorization-mode": "Webhook", "read-only-port": "0",
	"streaming-connection-idle-timeout": "4h0m0s", "make-iptables-util-chains": "true",
	"client-ca-file": "pki", "rotate-certificates": "true", "protect-kernel-defaults": "unsaid",
}

// hardened are those of the tools that close what kubeadm leaves open: kOps,
// Talos, k3s and RKE2.
var hardened = map[string]map[string]string{
	APIServer: with(kubeadmDefaults[APIServer], map[string]string{
		"anonymous-auth": "false", "profiling": "false", "kubelet-certificate-authority": "pki",
	}),
	ControllerManager: with(kubeadmDefaults[ControllerManager], map[string]string{"profiling": "false"}),
	Scheduler:         with(kubeadmDefaults[Scheduler], map[string]string{"profiling": "false"}),
	Etcd:              kubeadmDefaults[Etcd],
	Kubelet:           configured,
}

// talosDefaults: Talos also keeps an audit log, and encrypts secrets.
var talosDefaults = map[string]map[string]string{
	APIServer: with(hardened[APIServer], map[string]string{
		"audit-log-path": "/var/log/audit/kube/kube-apiserver.log", "audit-policy-file": "talos", "audit-log-maxage": "30",
		"audit-log-maxbackup": "10", "audit-log-maxsize": "100", "encryption-provider-config": "talos",
	}),
	ControllerManager: hardened[ControllerManager],
	Scheduler:         hardened[Scheduler],
	Etcd:              hardened[Etcd],
	Kubelet:           configured,
}

func with(base, more map[string]string) map[string]string {
	all := make(map[string]string, len(base)+len(more))
	for _, part := range []map[string]string{base, more} {
		for name, value := range part {
			all[name] = value
		}
	}
	return all
}
