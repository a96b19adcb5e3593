package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render"
)

// theirs renders a target twice with its command line, and returns its objects
// with what differs between the two left open.
func (p parity) theirs(ctx context.Context, tree folder, dir string, t render.Target) ([]any, error) {
	at := filepath.Join(dir, filepath.FromSlash(t.Dir))
	command := []string{p.kustomize, "build", at}
	if t.Kind == render.Helm {
		command = []string{p.helm, "template", t.Release, at, "--kube-version", t.KubeVersion, "--namespace", t.Namespace}
		for _, layer := range t.Values {
			file := filepath.Join(at, filepath.FromSlash(layer))
			if _, err := os.Stat(file); err != nil {
				file = filepath.Join(dir, filepath.FromSlash(layer))
			}
			command = append(command, "--values", file)
		}
	}
	first, err := p.objects(ctx, command)
	if err != nil {
		return nil, err
	}
	second, err := p.objects(ctx, command)
	if err != nil {
		return nil, err
	}
	masked, ok := mask(first, second).([]any)
	if !ok {
		return nil, errors.New("two renders have different numbers of objects")
	}
	return masked, nil
}

// objects runs a command that can reach neither the network nor git.
func (p parity) objects(ctx context.Context, command []string) ([]any, error) {
	ctx, cancel := context.WithTimeout(ctx, p.budget)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	const nowhere = "http://127.0.0.1:9"
	cmd.Env = []string{"PATH=", "HOME=" + os.TempDir(), "HTTP_PROXY=" + nowhere, "HTTPS_PROXY=" + nowhere}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, strings.TrimSpace(stderr.String()))
	}
	return parse(stdout.Bytes())
}

// parse reads a stream of documents; lists become their items.
func parse(data []byte) ([]any, error) {
	var all []any
	for decoder := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var node yaml.Node
		err := decoder.Decode(&node)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		document, err := asKubernetes(&node)
		if err != nil {
			return nil, err
		}
		all = append(all, items(document)...)
	}
}

// asKubernetes decodes a document as a cluster's clients do: of two equal keys
// the last one counts, and a date is a text.
func asKubernetes(node *yaml.Node) (any, error) {
	var lenient func(n *yaml.Node) *yaml.Node
	lenient = func(n *yaml.Node) *yaml.Node {
		out := *n
		out.Content = nil
		if out.Tag == "!!timestamp" {
			out.Tag = "!!str"
		}
		at := map[string]int{}
		for i, child := range n.Content {
			if n.Kind == yaml.MappingNode && i%2 == 0 {
				if first, again := at[child.Value]; again {
					out.Content[first+1] = lenient(n.Content[i+1])
					continue
				}
				at[child.Value] = len(out.Content)
			}
			if n.Kind == yaml.MappingNode && i%2 == 1 && at[n.Content[i-1].Value]+1 != len(out.Content) {
				continue
			}
			out.Content = append(out.Content, lenient(child))
		}
		return &out
	}
	var document any
	err := lenient(node).Decode(&document)
	return document, err
}

func items(document any) []any {
	if document == nil {
		return nil
	}
	object, ok := document.(map[string]any)
	list, isList := object["items"].([]any)
	if kind, _ := object["kind"].(string); !ok || !isList || !strings.HasSuffix(kind, "List") {
		return []any{document}
	}
	var all []any
	for _, item := range list {
		all = append(all, items(item)...)
	}
	return all
}

// ourObjects are the same of a render of ours.
func ourObjects(r *render.Result) ([]any, error) {
	var all []any
	for _, o := range r.Objects {
		object, err := asKubernetes(o.Root.YAML())
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", o.Kind, o.Name, err)
		}
		all = append(all, object)
	}
	return all, nil
}
