package images

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// Finished are reports that a scanner wrote before, all by the same one: what two
// scanners say of two images cannot be compared.
type Finished struct {
	all []finished
}

type finished struct {
	file string
	*Report
}

// Read reads finished reports. Each is a file, or IMAGE=FILE where the report does
// not name its image.
func Read(texts []string) (*Finished, error) {
	f := &Finished{}
	for _, text := range texts {
		image, file := parts(text)
		report, err := readFile(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if err := report.named(image); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if len(f.all) > 0 && f.all[0].Scanner != report.Scanner {
			return nil, fmt.Errorf("%s is by %s and %s by %s: what two scanners say cannot be compared, so give the reports of one", f.all[0].file, f.all[0].Scanner, file, report.Scanner)
		}
		f.all = append(f.all, finished{file, report})
	}
	return f, nil
}

// FileOf is the file of what Read takes.
func FileOf(text string) string {
	_, file := parts(text)
	return file
}

func parts(text string) (image, file string) {
	if before, after, found := strings.Cut(text, "="); found && !isFile(text) {
		return before, after
	}
	return "", text
}

// isFile says that a text that looks like IMAGE=FILE is the name of a file.
func isFile(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

func readFile(name string) (report *Report, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	data, err := io.ReadAll(io.LimitReader(file, maxReport+1))
	if err != nil {
		return nil, err
	}
	return Parse(data)
}

// named gives a report the name that the user gave it, and refuses one that nobody
// named or that names another.
func (r *Report) named(image string) error {
	if image == "" {
		if len(r.Names)+len(r.Digests) == 0 {
			return errors.New("the report does not say which image it is about: give it as IMAGE=FILE")
		}
		return nil
	}
	at, err := ParseReference(image)
	if err != nil {
		return err
	}
	if !r.mayBeOf(at) {
		return fmt.Errorf("the report is about %s, not about %s", strings.Join(append(slices.Clone(r.Names), r.Digests...), ", "), at)
	}
	r.Names = append(r.Names, at.String())
	if at.Digest != "" {
		r.Digests = append(r.Digests, at.Digest)
	}
	return nil
}

// isOf says that the report is about an image: it names its digest or, of an image
// without one, its tag.
func (r *Report) isOf(at Reference) bool {
	if at.Digest != "" {
		return slices.Contains(r.Digests, at.Digest)
	}
	return slices.Contains(r.Names, at.String())
}

// mayBeOf says that the report does not name another image instead.
func (r *Report) mayBeOf(at Reference) bool {
	return len(r.Names)+len(r.Digests) == 0 || r.isOf(at) || at.Digest != "" && len(r.Digests) == 0 && slices.ContainsFunc(r.Names, func(name string) bool {
		named, err := ParseReference(name)
		return err == nil && named.Repository == at.Repository && named.Digest == ""
	})
}

// Scanner is who wrote the reports; empty where there are none.
func (f *Finished) Scanner() string {
	if f == nil || len(f.all) == 0 {
		return ""
	}
	return f.all[0].Scanner
}

// Of is what the reports say of an image, joined where there are several, as of two
// platforms; nil where none is about it.
func (f *Finished) Of(at Reference) *Report {
	if f == nil {
		return nil
	}
	var joint *Report
	for _, one := range f.all {
		switch {
		case !one.isOf(at):
		case joint == nil:
			copied := *one.Report
			joint = &copied
		default:
			joint.Found = slices.Concat(joint.Found, one.Found)
			joint.Doubts = append(slices.Clone(joint.Doubts), one.Doubts...)
		}
	}
	if joint == nil {
		return nil
	}
	if found, err := once(joint.Found); err == nil { // each was read, so that none is without an id
		joint.Found = found
	}
	return joint
}
