package rules

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
)

// The packs that come with the program: every folder here that holds a
// region.yaml, and the shared topics. A new region is a new folder.
//
//go:embed */*.yaml */*/*.yaml
var embedded embed.FS

// EmbeddedRegions lists the ids of the packs that come with the program.
func EmbeddedRegions() []string {
	found, err := fs.Glob(embedded, "*/"+regionFile)
	if err != nil {
		panic(err) // the pattern is a constant
	}
	regions := make([]string, 0, len(found))
	for _, p := range found {
		regions = append(regions, path.Dir(p))
	}
	return regions
}

// Embedded gives the files of a pack that comes with the program.
func Embedded(region string) (Files, error) {
	if _, err := fs.Stat(embedded, path.Join(region, regionFile)); err != nil {
		return nil, fmt.Errorf("embedded pack %q: %w", region, err)
	}
	own, err := fs.Sub(embedded, region)
	if err != nil {
		return nil, fmt.Errorf("embedded pack %q: %w", region, err)
	}
	return Collect(own, region, SharedTopics())
}

// SharedTopics is the folder of shared topics that comes with the program.
func SharedTopics() fs.FS {
	shared, err := fs.Sub(embedded, sharedDir)
	if err != nil {
		panic(err) // the name is a constant
	}
	return shared
}
