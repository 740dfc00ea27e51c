// Package spelling finds the word that a misspelled one was probably meant to be.
package spelling

import (
	"slices"
	"strings"
)

// Nearest returns the known word that the given one was probably meant to be, or "" if none is
// close. Only the part of a known word before an equal sign counts, as in default=VALUE.
func Nearest(word string, known []string) string {
	word = strings.ToLower(word)
	best, bestDistance := "", 3
	for _, candidate := range known {
		name, _, _ := strings.Cut(strings.ToLower(candidate), "=")
		distance := wordDistance(word, name)
		shorter := distance == bestDistance && best != "" &&
			len(candidate) < len(best) // of unix: unixtime
		if (distance < bestDistance || shorter) && distance < len(name)-1 {
			best, bestDistance = candidate, distance
		}
	}
	return best
}

// wordDistance returns the edit distance of two words. It is smaller if the words differ as typing
// errors and abbreviations do.
func wordDistance(word, name string) int {
	distance := editDistance(word, name)
	switch {
	case distance > 1 && sortedLetters(word) == sortedLetters(name): // letters swapped
		return 1
	case min(len(word), len(name)) >= 3 &&
		(strings.HasPrefix(word, name) || strings.HasPrefix(name, word)): // hash_key, doc
		return min(distance, 2)
	}
	return distance
}

func sortedLetters(word string) string {
	letters := []byte(word)
	slices.Sort(letters)
	return string(letters)
}

// editDistance returns how many insertions, deletions and replacements turn one word into another.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
