package checks_test

import (
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/render/manifest"
)

// TestStrictDecoding holds schema-invalid to what strict decoding says of the
// same documents: those of all examples, and some broken ones.
func TestStrictDecoding(t *testing.T) {
	docs := []string{
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {x: 1}}\n",
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {x: true}}\n",
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: 'true', y: '1', z: 2020-01-01}\n",
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: [1]}\n",
		"apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {x: '!'}\n",
		"apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {x: YQ==}\n",
		"apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80, targetPort: http}, {port: 81, targetPort: 81}]}\n",
		"apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: '80'}]}\n",
		"apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: {port: 80}}\n",
		"apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {selector: {app: a}, selector: {app: b}}\n",
		"apiVersion: v1\nkind: Service\nmetadata: {name: a, nmespace: b}\n",
		"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, resources: {limits: {cpu: 1, memory: 1Gi}}}]}\n",
		"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, resources: {limits: {cpu: a lot}}}]}\n",
		"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostNetwork: 'true', containers: []}\n",
		"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, Image: a}]}\n",
		"apiVersion: v1\nkind: Pod\nmetadata: {name: a, creationTimestamp: null}\nspec: {containers: null}\nstatus: {}\n",
		"apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\nspec: {maxReplicas: 3, scaleTargetRef: {kind: a, name: a}, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]}\n",
		"apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\nspec: {schedule: '* * * * *', template: {}}\n",
	}
	for _, c := range checks.All {
		for _, text := range []string{c.Bad, c.Good, c.NearMiss} {
			docs = append(docs, strings.Split(text, "\n---\n")...)
		}
	}
	compared := 0
	for _, doc := range docs {
		objects, err := manifest.Parse([]byte(doc), manifest.Origin{})
		if err != nil || len(objects) != 1 || strings.Contains(doc, "${") {
			continue
		}
		into, err := scheme.Scheme.New(schema.FromAPIVersionAndKind(objects[0].APIVersion, objects[0].Kind))
		if err != nil {
			continue
		}
		compared++
		data, err := yaml.YAMLToJSONStrict([]byte(doc))
		var strict []error
		if err == nil {
			strict, err = kjson.UnmarshalStrict(data, into)
		}
		found := judge(t, doc, checks.Find(checks.All, "schema-invalid"))
		if (len(found) > 0) != (err != nil || len(strict) > 0) {
			t.Errorf("schema-invalid finds %v, strict decoding %v %v, in\n%s", messages(found), strict, err, doc)
		}
	}
	if compared < 100 {
		t.Errorf("only %d documents were compared", compared)
	}
}

func messages(all []checks.Finding) []string {
	var texts []string
	for _, f := range all {
		texts = append(texts, f.Message)
	}
	return texts
}

func TestCustomSchema(t *testing.T) {
	const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: apps.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: App, plural: apps}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          required: [spec]
          properties:
            apiVersion: {type: string}
            kind: {type: string}
            metadata: {type: object}
            spec:
              type: object
              required: [size, mode]
              properties:
                size: {type: integer}
                mode: {type: string, enum: [small, large], default: small}
                port: {x-kubernetes-int-or-string: true}
                labels: {type: object, additionalProperties: {type: string}}
                free: {type: object, x-kubernetes-preserve-unknown-fields: true}
                items: {type: array, items: {type: object, properties: {name: {type: string}}}}
                template: {type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true}
---
apiVersion: example.com/v1
kind: App
metadata: {name: a, labels: {x: y}}
spec: `
	for spec, want := range map[string]string{
		"{size: 1}": "",
		"{size: 1, port: http, labels: {a: b}, free: {x: {y: 1}}, items: [{name: a}], template: {kind: A, spec: {b: 1}}}": "",
		"{size: one}":                  `a string stands where a whole number is expected`,
		"{}":                           `field "size" is required and not there`,
		"{size: 1, sizes: 2}":          `unknown field "sizes"; did you mean "size"?`,
		"{size: 1, mode: lrge}":        `"lrge" is none of the known values; did you mean "large"?`,
		"{size: 1, labels: {a: 1}}":    `a number stands where a string is expected`,
		"{size: 1, items: [{nme: a}]}": `unknown field "nme"; did you mean "name"?`,
		"{size: 1, items: {name: a}}":  `an object stands where a list is expected`,
		"{size: '${SIZE}'}":            "",
	} {
		found := messages(judge(t, definition+spec+"\n", checks.Find(checks.All, "schema-invalid")))
		if want == "" && len(found) > 0 || want != "" && (len(found) != 1 || !strings.HasSuffix(found[0], want)) {
			t.Errorf("%s: %q, want %q", spec, found, want)
		}
	}
}

func TestLifeOfAPIs(t *testing.T) {
	for _, tc := range []struct{ api, kind, kube, want string }{
		{"policy/v1beta1", "PodDisruptionBudget", "", "removed-api"},
		{"policy/v1beta1", "PodDisruptionBudget", "v1.24.3", "deprecated-api"},
		{"policy/v1beta1", "PodDisruptionBudget", "1.20", ""},
		{"policy/v1beta1", "PodSecurityPolicy", "1.30.0", "removed-api"},
		{"policy/v1", "PodDisruptionBudget", "1.30.0", ""},
		{"extensions/v1beta1", "Ingress", "1.21", "deprecated-api"},
		{"extensions/v1beta1", "Ingress", "1.22", "removed-api"},
		{"extensions/v1beta1", "Deployment", "1.16", "removed-api"},
		{"v1", "Endpoints", "1.33", "deprecated-api"},
		{"v1", "Endpoints", "1.32", ""},
		{"autoscaling/v2beta2", "HorizontalPodAutoscaler", "1.25", "deprecated-api"},
		{"example.com/v1beta1", "Ingress", "", ""},
	} {
		text := "apiVersion: " + tc.api + "\nkind: " + tc.kind + "\nmetadata: {name: a}\n"
		var rules []checks.Rule
		for _, id := range []string{"removed-api", "deprecated-api"} {
			rules = append(rules, checks.Rule{Check: checks.Find(checks.All, id)})
		}
		found, err := checks.Judge(rules, "example", parse(t, text), checks.Settings{KubeVersion: tc.kube})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range found {
			got = append(got, f.Check.ID)
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s %s for %s: %v, want %q", tc.api, tc.kind, tc.kube, got, tc.want)
		}
	}
}

// TestCommittedSecrets tells what is a secret that anybody can read from what
// stands for one.
func TestCommittedSecrets(t *testing.T) {
	id := checks.Find(checks.All, "secret-committed")
	for entry, want := range map[string]bool{
		`password: s3cr3t-for-real`:                    true,
		`password: hunter2`:                            true,
		`password: ""`:                                 false,
		`password: changeme`:                           false,
		`password: REPLACE_ME`:                         false,
		`password: ${PASSWORD}`:                        false,
		`password: <path:secret/data/x#y>`:             false,
		`password: vault:secret/data/x#y`:              false,
		`password: op://vault/item/field`:              false,
		`password: 'ENC[AES256_GCM,data:abc]'`:         false,
		`htpasswd: 'admin:$2a$10$abcdefghijklmnopqrs'`: false,
		`username: shop`:                               false,
		`DB_HOST: db.example.com`:                      false,
		`url: https://example.com/x`:                   false,
		`url: https://me:hunter2@example.com/x`:        true,
		`enabled: "true"`:                              false,
		`tls.crt: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"`:                false,
		`tls.key: "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n"`:        true,
		`config.yaml: "level: info\nname: x\n"`:                                                    false,
		`config.yaml: "level: info\nadmin_password: hunter2\n"`:                                    true,
		`config.yaml: "level: info\nadmin_password: ${PASSWORD}\npassword_file: /run/secrets/x\n"`: false,
		`key: drawn-by-chance`: false,
	} {
		text := "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  " + entry + "\n"
		found, err := checks.Judge([]checks.Rule{{Check: id}}, "example", parse(t, text), checks.Settings{Drawn: []string{"drawn-by"}})
		if err != nil {
			t.Fatal(err)
		}
		if (len(found) > 0) != want {
			t.Errorf("%s: %v, want a finding: %t", entry, messages(found), want)
		}
		for _, f := range found {
			if slices.ContainsFunc([]string{"hunter2", "s3cr3t", "AAAA"}, func(s string) bool { return strings.Contains(f.Message+f.Subject.String(), s) }) {
				t.Errorf("%s: %q says the secret", entry, f.Message)
			}
		}
	}
}
