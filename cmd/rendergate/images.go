package main

import (
	"os"
	"time"

	"github.com/rendergate/rendergate/internal/images"
)

// images is what starts a scanner, where base's configuration names one. It takes
// from the environment what that needs, so it must be made before the process is
// shut in.
func (p *program) images() *images.Client {
	return &images.Client{Path: p.getenv("PATH"), Environ: os.Environ(), Cache: p.cache(), Today: time.Now().UTC().Format(time.DateOnly)}
}
