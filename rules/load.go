package rules

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
)

// Load reads a pack from its files and checks its structure. A pack with any
// fault is not returned; the error is then Faults with every one of them.
//
// Load does not ask what day it is: a version once activated must load again
// years later. What depends on the day, and what only the classifier can tell,
// is Check's.
func Load(files Files) (*Pack, error) {
	l := newLoader(files)
	l.read()
	pack := &l.p
	if !l.broken { // half a pack would answer with faults that are not there
		l.faults = append(l.faults, structure(pack, l.faults)...)
	}
	if err := l.faults.sorted().Err(); err != nil {
		return nil, err
	}
	return pack, nil
}

// LoadEmbedded loads a pack that comes with the program.
func LoadEmbedded(region string) (*Pack, error) {
	files, err := Embedded(region)
	if err != nil {
		return nil, err
	}
	return Load(files)
}

// LoadTopics reads a folder of topic files alone, signals.yaml included. What
// could be read is returned with the Faults of the rest.
func LoadTopics(topics fs.FS) ([]Topic, Signals, error) {
	files := Files{}
	if err := files.add(topics, sharedDir); err != nil {
		return nil, Signals{}, err
	}
	l := newLoader(files)
	l.readTopics(sharedDir)
	faults := append(l.faults, checkTopics(l.p.Topics, l.p.Signals)...)
	return l.p.Topics, l.p.Signals, faults.sorted().Err()
}

// loader gathers a pack from its files.
type loader struct {
	files  Files
	own    string
	p      Pack
	faults Faults
	broken bool // a file is missing or not YAML
	used   map[string]bool
}

func newLoader(files Files) *loader {
	return &loader{files: files, own: files.own(), p: Pack{folder: files.own(), at: map[string]Pos{}}, used: map[string]bool{}}
}

// The files of a pack; all but the region's hold one list under one key.
type (
	categoriesFile struct {
		Categories []Category `yaml:"categories"`
	}
	agenciesFile struct {
		Agencies []Agency `yaml:"agencies"`
	}
	routesFile struct {
		Routes []Route `yaml:"routes"`
	}
	topicsFile struct {
		Topics []Topic `yaml:"topics"`
	}
	ideasFile struct {
		Ideas []Idea `yaml:"ideas"`
	}
	calendarFile struct {
		Years map[int]calendarYear `yaml:"years"`
	}
	calendarYear struct {
		Status  string   `yaml:"status"`
		Source  string   `yaml:"source"`
		DaysOff []string `yaml:"days_off"`
		Working []string `yaml:"working"`
		Short   []string `yaml:"short"`

		Line        int   `yaml:"-"`
		DaysOffLine []int `yaml:"-" lines:"days_off"`
		WorkingLine []int `yaml:"-" lines:"working"`
		ShortLine   []int `yaml:"-" lines:"short"`
	}
)

func (l *loader) read() {
	l.readRegion()
	var categories categoriesFile
	l.one("categories.yaml", &categories)
	l.p.Categories = categories.Categories
	var agencies agenciesFile
	l.one("agencies.yaml", &agencies)
	l.p.Agencies = agencies.Agencies
	var routes routesFile
	l.one("routing.yaml", &routes)
	l.p.Routes = routes.Routes
	l.p.at["routes"] = Pos{File: path.Join(l.own, "routing.yaml"), Line: 1}
	l.readGazetteer()
	l.readCalendar()
	l.readTopics(sharedDir)
	l.readTopics(path.Join(l.own, "topics"))
	l.strangers()
	l.p.Hash = l.files.Hash()
}

func (l *loader) readRegion() {
	file := path.Join(l.own, regionFile)
	content, ok := l.content(file)
	if !ok {
		return
	}
	d := decoder{file: file, keys: map[string]int{}}
	d.decodeFile(content, &l.p.Region)
	l.take(&d)
	for key, line := range d.keys {
		l.p.at["region."+key] = Pos{File: file, Line: line}
	}
	l.p.at["region"] = Pos{File: file, Line: 1}
	if loc, err := time.LoadLocation(l.p.Region.Zone); err == nil && l.p.Region.Zone != "" {
		l.p.Region.Location = loc
	}
}

// readGazetteer reads gazetteer.yaml and gazetteer/*.yaml into one.
func (l *loader) readGazetteer() {
	single := path.Join(l.own, "gazetteer.yaml")
	parts := l.files.under(path.Join(l.own, "gazetteer"))
	if _, ok := l.files[single]; ok || len(parts) == 0 {
		parts = append([]string{single}, parts...)
	}
	g := &l.p.Gazetteer
	for _, file := range parts {
		var part Gazetteer
		l.path(file, &part)
		g.Municipalities = append(g.Municipalities, part.Municipalities...)
		g.Settlements = append(g.Settlements, part.Settlements...)
		g.Streets = append(g.Streets, part.Streets...)
		g.StreetTypes = append(g.StreetTypes, part.StreetTypes...)
		g.Elsewhere = append(g.Elsewhere, part.Elsewhere...)
		g.ElsewhereAmbiguous = append(g.ElsewhereAmbiguous, part.ElsewhereAmbiguous...)
		g.elsewhereAt = append(g.elsewhereAt, linesOf(file, part.Elsewhere, part.ElsewhereLine)...)
		g.ambiguousAt = append(g.ambiguousAt, linesOf(file, part.ElsewhereAmbiguous, part.AmbiguousLine)...)
	}
	l.p.at["gazetteer"] = Pos{File: parts[0], Line: 1}
}

// linesOf are the places of a file's names; of a list that was referred to (*name)
// only the file is known.
func linesOf(file string, names []string, lines []int) []Pos {
	at := make([]Pos, len(names))
	for i := range at {
		at[i].File = file
		if i < len(lines) {
			at[i].Line = lines[i]
		}
	}
	return at
}

// readTopics reads the topic files of a folder; those named signals* add to the
// signals, those under examples/ to their ideas.
func (l *loader) readTopics(dir string) {
	for _, file := range l.files.under(dir) {
		if path.Dir(file) == path.Join(dir, examplesDir) {
			var i ideasFile
			l.path(file, &i)
			l.p.Signals.Ideas = append(l.p.Signals.Ideas, i.Ideas...)
			continue
		}
		if strings.HasPrefix(path.Base(file), "signals") {
			var s Signals
			l.path(file, &s)
			l.faults = append(l.faults, checkWords(&s.Words)...)
			l.p.Signals.add(&s)
			continue
		}
		var t topicsFile
		l.path(file, &t)
		l.p.Topics = append(l.p.Topics, t.Topics...)
	}
}

func (l *loader) readCalendar() {
	file := path.Join(l.own, "calendar.yaml")
	var c calendarFile
	l.path(file, &c)
	years, faults := calendarYears(file, c.Years)
	l.faults = append(l.faults, faults...)
	l.p.Calendar, l.p.years = domain.NewCalendar(years), c.Years
	l.p.at["calendar"] = Pos{File: file, Line: 1}
}

func (l *loader) one(name string, out any) { l.path(path.Join(l.own, name), out) }

func (l *loader) path(file string, out any) {
	content, ok := l.content(file)
	if !ok {
		return
	}
	d := decoder{file: file}
	d.decodeFile(content, out)
	l.take(&d)
}

func (l *loader) take(d *decoder) {
	l.broken = l.broken || slices.ContainsFunc(d.faults, func(f Fault) bool { return f.Code == CodeSyntax })
	l.faults = append(l.faults, d.faults...)
}

func (l *loader) content(file string) ([]byte, bool) {
	l.used[file] = true
	content, ok := l.files[file]
	if !ok {
		l.broken = true
		l.faults = append(l.faults, Fault{File: file, Code: CodeMissingFile, What: "файла нет",
			Mend: "создайте его: пакет состоит из region, categories, agencies, routing, gazetteer, calendar (.yaml) и общих тем"})
	}
	return content, ok
}

// strangers names the files no part of a pack: most often a slip in a name,
// and what it holds would silently not count.
func (l *loader) strangers() {
	for _, file := range l.files.under(l.own) {
		if !l.used[file] {
			l.faults = append(l.faults, Fault{File: file, Code: CodeUnknownFile,
				What: "файл с таким именем не входит в пакет и не был бы прочитан",
				Mend: "переименуйте или удалите его; темы лежат в topics/, части газеттира в gazetteer/"})
		}
	}
	for file := range l.files {
		if dir, _, _ := strings.Cut(file, "/"); dir != l.own && dir != sharedDir {
			l.faults = append(l.faults, Fault{File: file, Code: CodeUnknownFile,
				What: "файл не принадлежит ни пакету, ни общим темам", Mend: "оставьте один пакет в наборе"})
		}
	}
}
