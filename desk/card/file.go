package card

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"
	"unicode"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/casework"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// upload keeps files with a case.
func (c *Card) upload(r *page.Request) error {
	file, err := readFile(r, "file")
	if err != nil {
		return err
	}
	k, err := c.act(r, access.Note)
	if err != nil {
		return err
	}
	if len(file.Content) == 0 {
		return page.Invalid("file", "Выберите файл: он не выбран или пуст.")
	}
	file.CaseID, file.By, file.At = k.ID, r.User.Login, r.Now
	if _, err := c.Store.AddFile(r.Context(), r.Scope, file); err != nil {
		if errors.Is(err, domain.ErrRefused) {
			return page.Invalid("file", "Файлов у инцидента уже на "+casework.Size(domain.MaxCaseFiles)+": больше не помещается.")
		}
		return err
	}
	return c.back(r, k.ID, page.Notice{Text: "Файл приложен: " + file.Name + "."})
}

// formSlack is what a form may have beside its file.
const formSlack = 64 << 10

// readFile reads one file of a form; no file is no content. The body is cut
// before anything is read of it.
func readFile(r *page.Request, field string) (domain.CaseFile, error) {
	tooBig := page.Invalid(field, "Файл больше "+casework.Size(domain.MaxFile)+". Уменьшите его или приложите частями.")
	if r.ContentLength > domain.MaxFile+formSlack {
		return domain.CaseFile{}, tooBig
	}
	r.Body = http.MaxBytesReader(r.W, r.Body, domain.MaxFile+formSlack)
	if err := r.ParseMultipartForm(domain.MaxFile + formSlack); err != nil {
		var big *http.MaxBytesError
		switch {
		case errors.As(err, &big):
			return domain.CaseFile{}, tooBig
		case errors.Is(err, http.ErrNotMultipart):
			return domain.CaseFile{}, nil
		}
		return domain.CaseFile{}, page.Invalid(field, "Файл не дошёл целиком. Приложите его ещё раз.")
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }() // all is in memory
	part, head, err := r.FormFile(field)
	if errors.Is(err, http.ErrMissingFile) {
		return domain.CaseFile{}, nil
	}
	if err != nil {
		return domain.CaseFile{}, page.Invalid(field, "Файл не читается. Приложите его ещё раз.")
	}
	content, err := io.ReadAll(part)
	if err != nil {
		return domain.CaseFile{}, fmt.Errorf("read a file: %w", err)
	}
	if len(content) > domain.MaxFile {
		return domain.CaseFile{}, tooBig
	}
	kind := head.Header.Get("Content-Type")
	if len(kind) > 100 || kind == "" {
		kind = "application/octet-stream"
	}
	return domain.CaseFile{Name: fileName(head.Filename), Type: kind, Content: content}, nil
}

// fileName is the last part of the name a browser sent, without what no name
// should hold, at most 120 letters with its ending.
func fileName(sent string) string {
	name := path.Base(strings.ReplaceAll(sent, "\\", "/"))
	name = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || strings.ContainsRune(`/\:*?"<>|`, c) || unicode.Is(unicode.Cf, c) {
			return -1
		}
		return c
	}, strings.ToValidUTF8(name, ""))
	name = strings.Trim(name, ". ")
	if name == "" {
		return "файл"
	}
	const most = 120
	if letters := []rune(name); len(letters) > most {
		ending := []rune(path.Ext(name))
		if len(ending) > 12 {
			ending = nil
		}
		name = string(letters[:most-len(ending)]) + string(ending)
	}
	return name
}

// download gives a file as something to be saved, never to be shown: a browser
// must not run what somebody has uploaded.
func (c *Card) download(r *page.Request) error {
	id, err := r.PathID("id")
	if err != nil {
		return err
	}
	file, err := r.PathID("file")
	if err != nil {
		return err
	}
	f, err := c.Store.File(r.Context(), r.Scope, id, file)
	if errors.Is(err, domain.ErrNotFound) {
		return page.NotFound("Такого файла у инцидента нет.")
	}
	if err != nil {
		return err
	}
	h := r.W.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("Content-Length", fmt.Sprint(f.Size))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	_, err = r.W.Write(f.Content)
	if err != nil {
		r.Log.Debug("the reader of a file is gone", "err", err)
	}
	return nil
}
