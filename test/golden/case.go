// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package golden

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

// Case is one argument list for spark-submit and what it stands on. Its file is a txtar archive:
//
//	A sentence that says what this case is about.
//	since: 4.2
//	-- argv --
//	$CLUSTER
//	--conf 'spark.app.name=with a blank'
//	local:///app.jar
//	-- env --
//	SPARK_LOCAL_DIRS=/a,/b
//	-- conf/log4j2.properties --
//	...
//
// argv has words between blanks; '...' quotes, two quotes inside are one, a # at the start of a line is a comment.
// $CLUSTER stands for the words that every submission needs, $SERVER for the API server's URL, $HOST for its host and
// port where it is to speak TLS, $WORK for the folder that the files are put in. Files below conf/ are SPARK_CONF_DIR, those below hadoop/ are HADOOP_CONF_DIR.
type Case struct {
	// Name is the file's, without its ending.
	Name string
	// Sentence says what it is about.
	Sentence string
	// Since is the first version of Spark that it is for, such as 4.2; empty means all.
	Since string
	// Versions are the minor versions of Spark that it is for, when it is not for all since then.
	Versions []string
	// Argv is the argument list, with its placeholders.
	Argv []string
	// Env are variables as KEY=VALUE, with their placeholders.
	Env []string
	// Files by their path below the folder, with their placeholders.
	Files map[string]string
}

// Cluster is what $CLUSTER stands for.
func Cluster() []string {
	return []string{
		"--master", "k8s://$SERVER", "--deploy-mode", "cluster",
		"--conf", "spark.kubernetes.submission.waitAppCompletion=false", "--conf", "spark.kubernetes.container.image=registry.example/spark:1",
	}
}

// ReadCases reads all cases of a folder, sorted by name.
func ReadCases(dir string) ([]Case, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil {
		return nil, err
	}
	slices.Sort(paths)
	cases := make([]Case, 0, len(paths))
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		c, err := parseCase(strings.TrimSuffix(filepath.Base(path), ".txtar"), text)
		if err != nil {
			return nil, fmt.Errorf("read case %s: %w", path, err)
		}
		cases = append(cases, c)
	}
	return cases, nil
}

func parseCase(name string, text []byte) (Case, error) {
	archive := txtar.Parse(text)
	c := Case{Name: name, Files: map[string]string{}}
	for line := range strings.Lines(string(archive.Comment)) {
		line = strings.TrimSpace(line)
		if since, ok := strings.CutPrefix(line, "since: "); ok {
			c.Since = since
			continue
		}
		if versions, ok := strings.CutPrefix(line, "versions: "); ok {
			c.Versions = strings.Fields(versions)
			continue
		}
		c.Sentence = strings.TrimSpace(c.Sentence + " " + line)
	}
	if c.Sentence == "" {
		return c, fmt.Errorf("it does not begin with a sentence")
	}
	for _, file := range archive.Files {
		var err error
		switch file.Name {
		case "argv":
			c.Argv, err = words(string(file.Data))
		case "env":
			c.Env = strings.FieldsFunc(string(file.Data), func(r rune) bool { return r == '\n' })
		default:
			c.Files[file.Name] = string(file.Data)
		}
		if err != nil {
			return c, err
		}
	}
	if len(c.Argv) == 0 {
		return c, fmt.Errorf("it has no section argv")
	}
	return c, nil
}

// words splits an argument list.
func words(text string) ([]string, error) {
	var all []string
	var word strings.Builder
	open, inside := false, false // inside a quote; inside a word
	flush := func() {
		switch {
		case !inside:
		case word.String() == "$CLUSTER":
			all = append(all, Cluster()...)
		default:
			all = append(all, word.String())
		}
		word.Reset()
		inside = false
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case open && c == '\'' && i+1 < len(text) && text[i+1] == '\'':
			word.WriteByte(c)
			i++
		case c == '\'':
			open, inside = !open, true
		case !open && (c == ' ' || c == '\n'):
			flush()
		case !open && c == '#' && (i == 0 || text[i-1] == '\n'):
			for i+1 < len(text) && text[i+1] != '\n' {
				i++
			}
		default:
			word.WriteByte(c)
			inside = true
		}
	}
	if open {
		return nil, fmt.Errorf("a quote in its argv is not closed")
	}
	flush()
	return all, nil
}

// Digest changes with everything that spark-submit is given, so that a recording of another list is told.
func (c Case) Digest() string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q %q\n", c.Argv, c.Env)
	for _, name := range slices.Sorted(maps.Keys(c.Files)) {
		fmt.Fprintf(sum, "%q %q\n", name, c.Files[name])
	}
	return fmt.Sprintf("%x", sum.Sum(nil)[:8])
}

// For says whether the case is for that version, such as 4.0.5.
func (c Case) For(version string) bool {
	if c.Versions != nil {
		return slices.Contains(c.Versions, Minor(version))
	}
	return c.Since == "" || !before(version, c.Since)
}

// before compares major and minor versions.
func before(a, b string) bool {
	var majorA, minorA, majorB, minorB int
	fmt.Sscanf(a, "%d.%d", &majorA, &minorA) //nolint:errcheck // our own constants
	fmt.Sscanf(b, "%d.%d", &majorB, &minorB) //nolint:errcheck // our own constants
	return majorA < majorB || majorA == majorB && minorA < minorB
}

// TLS says whether the API server is to speak it.
func (c Case) TLS() bool {
	return slices.ContainsFunc(c.Argv, func(word string) bool { return strings.Contains(word, "$HOST") })
}

// At puts the API server's URL and the folder of the files in the place of $SERVER, $HOST and $WORK.
func (c Case) At(server, work string) Case {
	_, host, _ := strings.Cut(server, "://")
	replace := strings.NewReplacer("$SERVER", server, "$HOST", host, "$WORK", work).Replace
	at := c
	at.Argv, at.Env, at.Files = nil, nil, map[string]string{}
	for _, word := range c.Argv {
		at.Argv = append(at.Argv, replace(word))
	}
	for _, variable := range c.Env {
		at.Env = append(at.Env, replace(variable))
	}
	if c.Folder("conf") != nil {
		at.Env = append(at.Env, "SPARK_CONF_DIR="+work+"/conf")
	}
	if c.Folder("hadoop") != nil {
		at.Env = append(at.Env, "HADOOP_CONF_DIR="+work+"/hadoop")
	}
	for name, text := range c.Files {
		at.Files[name] = replace(text)
	}
	return at
}

// Folder returns the files right below a folder by name, nil if there are none.
func (c Case) Folder(dir string) map[string][]byte {
	var files map[string][]byte
	for name, text := range c.Files {
		base, ok := strings.CutPrefix(name, dir+"/")
		if !ok || strings.Contains(base, "/") {
			continue
		}
		if files == nil {
			files = map[string][]byte{}
		}
		files[base] = []byte(text)
	}
	return files
}
