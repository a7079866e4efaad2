package report

import (
	"embed"
	"io/fs"
)

//go:embed report.css
var files embed.FS

// Assets holds report.css, which styles the tables and charts; it wants the
// variables --ink, --quiet, --line and --accent of the page it is used on.
func Assets() fs.FS { return files }
