package number

import "slices"

// columns is the number of decimal places of a calculation: the places that DynamoDB stores, one
// for a difference that loses a digit, and one for the carry.
const columns = maxDigits + 2

// Add returns the exact sum of n and m. It returns ErrPrecision, ErrTooLarge or ErrTooSmall if
// DynamoDB does not store the sum.
func (n Number) Add(m Number) (Number, error) {
	switch {
	case m.digits == "":
		return n, nil
	case n.digits == "":
		return m, nil
	}
	high := max(int(n.exponent), int(m.exponent))
	low := min(n.lowest(), m.lowest())
	// If the terms spread over 40 places, the lower one is less than a tenth of the higher one's
	// first digit. The sum loses at most one place at its front and none at its end, so it has at
	// least 39 digits.
	if high-low > maxDigits+1 {
		return Number{}, ErrPrecision
	}
	var room [columns]int8
	sum := room[:1+high-low]
	n.addTo(sum, high)
	m.addTo(sum, high)
	return collect(sum, high)
}

// Sub returns the exact difference of n and m. Its errors are those of Add.
func (n Number) Sub(m Number) (Number, error) {
	if m.digits != "" {
		m.negative = !m.negative
	}
	return n.Add(m)
}

// lowest returns the power of ten of the last digit.
func (n Number) lowest() int { return int(n.exponent) - len(n.digits) }

// addTo adds each digit to its column. The second column belongs to the first digit of a number
// whose exponent is high.
func (n Number) addTo(sum []int8, high int) {
	first := 1 + high - int(n.exponent)
	for i := range len(n.digits) {
		digit := int8(n.digits[i] - '0')
		if n.negative {
			digit = -digit
		}
		sum[first+i] += digit
	}
}

// collect returns the number that the columns add up to. A column holds -18 to 18.
func collect(sum []int8, high int) (Number, error) {
	first := 0
	for first < len(sum) && sum[first] == 0 {
		first++
	}
	if first == len(sum) {
		return Number{}, nil
	}
	// The first column decides the sign: the others together are less than one of its units.
	negative := sum[first] < 0
	var digits [columns]byte
	carry := int8(0)
	for i, column := range slices.Backward(sum) {
		if negative {
			column = -column
		}
		column += carry
		carry = 0
		if column < 0 {
			column, carry = column+10, -1
		} else if column > 9 {
			column, carry = column-10, 1
		}
		digits[i] = '0' + byte(column)
	}
	return fromColumns(negative, digits[:len(sum)], high+1)
}

// fromColumns returns the number 0.digits times ten to a power.
func fromColumns(negative bool, digits []byte, exponent int) (Number, error) {
	start, end := 0, len(digits)
	for digits[start] == '0' {
		start++
	}
	for digits[end-1] == '0' {
		end--
	}
	if end-start > maxDigits {
		return Number{}, ErrPrecision
	}
	exponent -= start
	if err := inRange(int64(exponent)); err != nil {
		return Number{}, err
	}
	return Number{string(digits[start:end]), int16(exponent), negative}, nil
}
