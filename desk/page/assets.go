package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

// assets are served under an address that changes with their content, so that a
// browser may keep them for ever.
type assets struct {
	byName map[string]string // "desk.css" → "/assets/desk.1a2b3c4d5e6f.css"
	byURL  map[string]asset
}

type asset struct {
	kind    string
	content []byte
}

func newAssets() *assets { return &assets{byName: map[string]string{}, byURL: map[string]asset{}} }

func (a *assets) add(section string, files fs.FS) error {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return fmt.Errorf("list the assets of %s: %w", section, err)
	}
	for _, e := range entries {
		if e.IsDir() || path.Ext(e.Name()) == ".txt" { // licences lie beside
			continue
		}
		content, err := fs.ReadFile(files, e.Name())
		if err != nil {
			return fmt.Errorf("read asset %s of %s: %w", e.Name(), section, err)
		}
		sum := sha256.Sum256(content)
		ext := path.Ext(e.Name())
		url := "/assets/" + strings.TrimSuffix(e.Name(), ext) + "." + hex.EncodeToString(sum[:6]) + ext
		// Sections may share a file; one name for two contents is a mistake.
		if other, taken := a.byName[e.Name()]; taken && other != url {
			return fmt.Errorf("asset %s of %s: another section has another one of this name", e.Name(), section)
		}
		a.byName[e.Name()] = url
		a.byURL[url] = asset{mime.TypeByExtension(ext), content}
	}
	return nil
}

// url is the address of an asset; a template that names one that is not there fails.
func (a *assets) url(name string) (string, error) {
	url, ok := a.byName[name]
	if !ok {
		return "", fmt.Errorf("there is no asset %q", name)
	}
	return url, nil
}

// ServeHTTP implements http.Handler.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	found, ok := a.byURL[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", found.kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(found.content))
}
