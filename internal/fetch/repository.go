package fetch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"sigs.k8s.io/yaml"
)

// index is the part of a repository's index.yaml that is needed; helm's own
// type would bring its Kubernetes client along.
type index struct {
	Entries map[string][]entry `json:"entries"`
}

type entry struct {
	Version string   `json:"version"`
	URLs    []string `json:"urls"`
	Digest  string   `json:"digest"`
}

func (s *Source) fromRepository(ctx context.Context, guard *guard, chart Chart) (*Archive, error) {
	known, err := s.index(ctx, guard, chart.Repository)
	if err != nil {
		return nil, err
	}
	var versions []string
	for _, e := range known.Entries[chart.Name] {
		versions = append(versions, e.Version)
	}
	version, err := highest(versions, chart.Version)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", chart.Name, err)
	}
	for _, e := range known.Entries[chart.Name] {
		if e.Version == version {
			return s.entry(ctx, guard, chart, e)
		}
	}
	return nil, errors.New("its index changed while it was read")
}

// index reads a repository's index once.
func (s *Source) index(ctx context.Context, guard *guard, repository string) (index, error) {
	s.mu.Lock()
	get, asked := s.indexes[repository]
	if !asked {
		get = sync.OnceValues(func() (index, error) {
			var list index
			at, err := inRepository(repository, "index.yaml")
			if err != nil {
				return list, err
			}
			data, err := s.download(ctx, guard, at, maxResponse)
			if err != nil {
				return list, err
			}
			if json.Valid(data) {
				err = json.Unmarshal(data, &list)
			} else {
				err = yaml.Unmarshal(data, &list)
			}
			if err != nil {
				return list, fmt.Errorf("%s is no index of charts: %w", at.Redacted(), err)
			}
			return list, nil
		})
		s.indexes[repository] = get
	}
	s.mu.Unlock()
	return get()
}

// inRepository is a file's URL in a repository.
func inRepository(repository, file string) (*url.URL, error) {
	base, err := url.Parse(repository)
	if err != nil {
		return nil, err
	}
	base.Path = strings.TrimSuffix(base.Path, "/") + "/"
	at, err := base.Parse(file)
	if err == nil && at.Host == base.Host && at.RawQuery == "" {
		at.RawQuery = base.RawQuery
	}
	return at, err
}

// entry downloads an index's entry and checks it against the index's digest.
func (s *Source) entry(ctx context.Context, guard *guard, chart Chart, e entry) (*Archive, error) {
	if len(e.URLs) == 0 {
		return nil, fmt.Errorf("its index names no file for %s %s", chart.Name, e.Version)
	}
	if strings.HasPrefix(e.URLs[0], "oci://") {
		at, _, _ := strings.Cut(e.URLs[0][len("oci://"):], "@")
		if colon := strings.LastIndex(at, ":"); colon > strings.LastIndex(at, "/") {
			at = at[:colon]
		}
		return s.fromRegistry(ctx, guard, "oci://"+at, e.Version)
	}
	digest := strings.TrimPrefix(strings.ToLower(e.Digest), "sha256:")
	if data, kept := s.cache().get(digest); kept {
		return &Archive{Version: e.Version, Data: data}, nil
	}
	at, err := inRepository(chart.Repository, e.URLs[0])
	if err != nil {
		return nil, err
	}
	data, err := s.download(ctx, guard, at, maxArchive)
	if err != nil {
		return nil, err
	}
	if digest == "" {
		return &Archive{Version: e.Version, Data: data}, nil
	}
	if got := digestOf(data); got != digest {
		return nil, fmt.Errorf("%s %s has the digest %s, and the index says %s: it was tampered with, or the index is out of date", chart.Name, e.Version, got, digest)
	}
	return &Archive{Version: e.Version, Data: data}, s.cache().put(data)
}

func (s *Source) cache() cache { return cache{s.client.Cache} }

// download reads a URL.
func (s *Source) download(ctx context.Context, guard *guard, at *url.URL, limit int64) (data []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, err
	}
	answer, err := guard.do(request)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", place(at), answer.Status)
	}
	data, err = io.ReadAll(io.LimitReader(answer.Body, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s is longer than %d MiB", place(at), limit>>20)
	}
	return data, err
}
