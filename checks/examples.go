package checks

import "strings"

// container is an example workload with these fields in its only container.
func container(fields string) string {
	return workload + "      containers:\n        - name: app\n          image: registry.example.com/shop/app:1.0\n" + indented(10, fields)
}

// podSpec is an example workload with these fields in its pod template's spec.
func podSpec(fields string) string {
	return workload + indented(6, fields)
}

const workload = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
`

func indented(by int, text string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimPrefix(text, "\n")) {
		if strings.TrimSpace(line) != "" {
			b.WriteString(strings.Repeat(" ", by))
		}
		b.WriteString(line)
	}
	return b.String()
}

// plainContainer is a list of one container for examples of pod fields.
const plainContainer = `containers:
  - name: app
    image: registry.example.com/shop/app:1.0
`

// role is an example ClusterRole with these rules.
func role(rules string) string {
	return "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: web}\nrules:\n" + indented(2, rules)
}

// binding is an example ClusterRoleBinding.
func binding(roleName, subject string) string {
	return "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: web}\n" +
		"roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: ClusterRole\n  name: " + roleName + "\nsubjects:\n" + indented(2, subject)
}

// serviceAccountPolicy is a cluster whose service account gets a policy of some
// statements.
func serviceAccountPolicy(statements string) string {
	return `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
iam:
  serviceAccounts:
    - metadata: {name: app, namespace: shop}
      attachPolicy:
        Version: "2012-10-17"
        Statement:
` + statements
}

// ackTrust is a role that a statement says who may assume; mark ends its line.
func ackTrust(statement, mark string) string {
	return `apiVersion: iam.services.k8s.aws/v1alpha1
kind: Role
metadata: {name: app}
spec:
  name: app
  assumeRolePolicyDocument: '{"Version": "2012-10-17", "Statement": [` + statement + `]}'` + mark + "\n"
}

// started is a program of the control plane in its static pod, for examples.
func started(program string, flags ...string) string {
	text := "\n        - " + program
	for _, flag := range flags {
		text += "\n        - " + flag
	}
	return startedAs(program, text)
}

// startedAs is that with its command as it stands.
func startedAs(program, command string) string {
	if !strings.HasPrefix(command, "\n") {
		command = " " + command
	}
	return `apiVersion: v1
kind: Pod
metadata: {name: ` + program + `, namespace: kube-system}
spec:
  containers:
    - name: ` + program + `
      image: registry.k8s.io/` + program + `:v1.34.0
      command:` + command + "\n"
}

// configured is a program of the control plane in kubeadm's configuration, for examples.
func configured(program, argument string) string {
	return `apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
` + program + `:
  extraArgs:
    ` + argument + "\n"
}

// etcdOfShop is one that is not of a control plane, for examples.
const etcdOfShop = `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: etcd, namespace: shop} # not of a control plane
spec:
  serviceName: etcd
  selector: {matchLabels: {app: etcd}}
  template:
    metadata: {labels: {app: etcd}}
    spec:
      containers:
        - name: etcd
          image: registry.example.com/etcd:3.6.0
          command: [etcd, --data-dir=/data]
`
