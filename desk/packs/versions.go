package packs

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

type versionView struct {
	Version versionRow
	InForce string // the hash of the version in force, "" when it is this one
	Files   []fileRow
	Diff    []diffRow // against the version in force
	Work    work
	DryRun  dryRunView
	Manage  bool
}

type fileRow struct {
	Path  string
	Lines int
}

// diffRow is how one file differs from the version in force.
type diffRow struct {
	Path           string
	Added, Removed int
}

func (p *Pages) version(r *page.Request) error {
	found, err := p.find(r)
	if err != nil {
		return err
	}
	files, err := p.Rules.Files(r.Context(), r.Region.ID, found.Hash)
	if err != nil {
		return err
	}
	v := versionView{Version: rowOf(r, found), Manage: r.Can(access.ManageRules, access.Object{})}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		v.Files = append(v.Files, fileRow{Path: name, Lines: bytes.Count(files[name], []byte("\n"))})
	}
	if !found.Active {
		if v.Diff, v.InForce, err = p.diff(r, files); err != nil {
			return err
		}
	}
	run, w, err := p.lastDryRun(r, kindDryRun, found.Hash)
	if err != nil {
		return err
	}
	v.Work, v.DryRun = w, showDryRun(r, run, "/rules/version/"+short(found.Hash)+"/dry-run.xlsx")
	return r.Render("version", v)
}

// diff counts the lines that differ from the version in force, file by file, and
// says which version that is.
func (p *Pages) diff(r *page.Request, files map[string][]byte) ([]diffRow, string, error) {
	versions, err := p.Rules.Versions(r.Context(), r.Region.ID)
	if err != nil {
		return nil, "", err
	}
	i := slices.IndexFunc(versions, func(v Version) bool { return v.Active })
	if i < 0 {
		return nil, "", nil
	}
	active, err := p.Rules.Files(r.Context(), r.Region.ID, versions[i].Hash)
	if err != nil {
		return nil, "", err
	}
	var out []diffRow
	names := maps.Clone(active)
	maps.Copy(names, files)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if d := compare(active[name], files[name]); d.Added+d.Removed > 0 {
			d.Path = name
			out = append(out, d)
		}
	}
	return out, versions[i].Hash, nil
}

// compare counts lines that only one side has, wherever they stand.
func compare(before, after []byte) (d diffRow) {
	count := map[string]int{}
	for line := range bytes.Lines(before) {
		count[string(line)]++
	}
	for line := range bytes.Lines(after) {
		if count[string(line)] > 0 {
			count[string(line)]--
			continue
		}
		d.Added++
	}
	for _, n := range count {
		d.Removed += n
	}
	return d
}

func (p *Pages) download(r *page.Request) error {
	found, err := p.find(r)
	if err != nil {
		return err
	}
	files, err := p.Rules.Files(r.Context(), r.Region.ID, found.Hash)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := pack(&b, files); err != nil {
		return err
	}
	r.W.Header().Set("Content-Type", "application/zip")
	r.W.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s.zip"`, r.Region.ID, short(found.Hash)))
	_, _ = b.WriteTo(r.W)
	return nil
}

func pack(w io.Writer, files map[string][]byte) error {
	z := zip.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := z.Create(name)
		if err == nil {
			_, err = f.Write(files[name])
		}
		if err != nil {
			return fmt.Errorf("pack %s: %w", name, err)
		}
	}
	return z.Close()
}

type editView struct {
	Version versionRow
	Path    string
	Content string
	Faults  []Fault
}

func (p *Pages) edit(r *page.Request) error {
	found, files, name, err := p.file(r)
	if err != nil {
		return err
	}
	return r.Render("edit", editView{Version: rowOf(r, found), Path: name, Content: string(files[name])})
}

// file is the file that a form speaks of, with its version.
func (p *Pages) file(r *page.Request) (Version, map[string][]byte, string, error) {
	found, err := p.find(r)
	if err != nil {
		return found, nil, "", err
	}
	files, err := p.Rules.Files(r.Context(), r.Region.ID, found.Hash)
	if err != nil {
		return found, nil, "", err
	}
	name := r.Text("file")
	if _, ok := files[name]; !ok {
		return found, nil, "", page.NotFound("В этой версии нет файла «" + name + "».")
	}
	return found, files, name, nil
}

// save checks the whole pack with the edited file and keeps it as a new version.
// With faults nothing is kept, and what was typed stays in the form.
func (p *Pages) save(r *page.Request) error {
	found, files, name, err := p.file(r)
	if err != nil {
		return err
	}
	// Browsers send line ends as CR LF.
	content := strings.ReplaceAll(r.FormValue("content"), "\r\n", "\n")
	files[name] = []byte(content)
	return p.keep(r, files, "файл "+name, func(faults []Fault) error {
		return r.RenderStatus(http.StatusUnprocessableEntity, "edit",
			editView{Version: rowOf(r, found), Path: name, Content: content, Faults: faults})
	})
}

// keep stores a pack as a version, or shows its faults.
func (p *Pages) keep(r *page.Request, files map[string][]byte, what string, refuse func([]Fault) error) error {
	hash, faults, err := p.Rules.Save(r.Context(), r.Doer(), files, what)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		return refuse(faults)
	}
	r.Notify(page.Notice{Text: "Версия " + short(hash) + " проверена и сохранена. В действие она ещё не введена."})
	return r.Redirect("/rules/version/" + short(hash))
}

// Limits of an uploaded pack.
const (
	maxUpload  = 16 << 20
	maxContent = 64 << 20 // unpacked
)

// upload takes a whole pack as a zip.
func (p *Pages) upload(r *page.Request) error {
	r.Body = http.MaxBytesReader(r.W, r.Body, maxUpload)
	file, header, err := r.FormFile("pack")
	if err != nil {
		return page.Invalid("pack", "Выберите файл .zip с пакетом, не больше 16 МБ.")
	}
	defer func() { _ = file.Close() }()
	files, err := unpack(file, header.Size)
	if err != nil {
		return page.Invalid("pack", "Это не архив пакета: "+err.Error()+".")
	}
	return p.keep(r, files, "архив "+header.Filename, func(faults []Fault) error {
		return r.RenderStatus(http.StatusUnprocessableEntity, "faults", editView{Path: header.Filename, Faults: faults})
	})
}

// unpack reads the YAML files of a zip. The errors are Russian sentences.
func unpack(from io.ReaderAt, size int64) (map[string][]byte, error) {
	z, err := zip.NewReader(from, size)
	if err != nil {
		return nil, errors.New("файл не читается как zip")
	}
	files, left := map[string][]byte{}, int64(maxContent)
	for _, f := range z.File {
		name := path.Clean(strings.ReplaceAll(f.Name, "\\", "/"))
		if f.FileInfo().IsDir() || path.Ext(name) != ".yaml" && path.Ext(name) != ".yml" {
			continue
		}
		if path.IsAbs(name) || strings.HasPrefix(name, "..") {
			return nil, fmt.Errorf("имя «%s» ведёт из архива наружу", f.Name)
		}
		content, err := readAtMost(f, left)
		if err != nil {
			return nil, err
		}
		left -= int64(len(content))
		files[name] = content
	}
	if len(files) == 0 {
		return nil, errors.New("в нём нет ни одного файла .yaml")
	}
	return files, nil
}

func readAtMost(f *zip.File, most int64) ([]byte, error) {
	in, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("файл «%s» не читается", f.Name)
	}
	defer func() { _ = in.Close() }()
	content, err := io.ReadAll(io.LimitReader(in, most+1))
	if err != nil {
		return nil, fmt.Errorf("файл «%s» не читается", f.Name)
	}
	if int64(len(content)) > most {
		return nil, errors.New("распакованный, он слишком велик")
	}
	return content, nil
}

func (p *Pages) dryRun(r *page.Request) error {
	found, err := p.find(r)
	if err != nil {
		return err
	}
	back := "/rules/version/" + short(found.Hash)
	if running, err := p.running(r, kindDryRun, found.Hash); err != nil {
		return err
	} else if running {
		return r.Redirect(back)
	}
	region := r.Region.ID
	t := domain.Background{Region: region, Kind: kindDryRun, Subject: found.Hash, Who: r.User.Login, CreatedAt: p.Clock.Now()}
	err = p.Work.begin(r.Context(), t, func(ctx context.Context, progress Progress) (any, error) {
		return p.Rules.DryRun(ctx, region, found.Hash, progress)
	})
	if err != nil {
		return err
	}
	return r.Redirect(back)
}

func (p *Pages) activate(r *page.Request) error {
	found, err := p.find(r)
	if err != nil {
		return err
	}
	if found.Active { // a second click
		r.Notify(page.Notice{Text: "Версия " + short(found.Hash) + " уже действует."})
		return r.Redirect("/rules")
	}
	seen, err := seenVersion(r)
	if err != nil {
		return err
	}
	err = p.Rules.Activate(r.Context(), r.Doer(), found.Hash, seen)
	if errors.Is(err, domain.ErrStale) {
		return p.overtaken(r)
	}
	if err != nil {
		return err
	}
	r.Notify(page.Notice{Text: "Действует версия " + short(found.Hash) + ". Все процессы перейдут на неё за несколько секунд.", Undo: "/rules/rollback?seen=" + found.Hash})
	return r.Redirect("/rules")
}

func (p *Pages) rollback(r *page.Request) error {
	seen, err := seenVersion(r)
	if err != nil {
		return err
	}
	hash, err := p.Rules.Rollback(r.Context(), r.Doer(), seen)
	if errors.Is(err, domain.ErrStale) {
		return p.overtaken(r)
	}
	if errors.Is(err, domain.ErrNotFound) {
		r.Notify(page.Notice{Text: "Предыдущей версии нет: возвращаться не к чему.", Bad: true})
		return r.Redirect("/rules")
	}
	if err != nil {
		return err
	}
	r.Notify(page.Notice{Text: "Снова действует версия " + short(hash) + "."})
	return r.Redirect("/rules")
}

// seenVersion is the version in force that the form was written under.
func seenVersion(r *page.Request) (string, error) {
	seen := r.Text("seen")
	if seen == "" {
		return "", page.Invalid("seen", "Форма устарела: откройте «Правила» заново.")
	}
	return seen, nil
}

// overtaken says who has put which version into force meanwhile.
func (p *Pages) overtaken(r *page.Request) error {
	versions, err := p.Rules.Versions(r.Context(), r.Region.ID)
	if err != nil {
		return err
	}
	words := "Пока вы смотрели, действующую версию сменили"
	if i := slices.IndexFunc(versions, func(v Version) bool { return v.Active }); i >= 0 {
		row := rowOf(r, versions[i])
		words = "Пока вы смотрели, в действие введена версия " + row.Short + " (" + row.ActivatedBy + ", " + row.Activated + ")"
	}
	return page.Stale(words + ". Ничего не изменено: откройте «Правила», посмотрите её и решите заново.")
}
