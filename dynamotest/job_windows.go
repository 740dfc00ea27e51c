package dynamotest

import (
	"syscall"
	"unsafe"
)

// The system calls on job objects, and their constants, as Windows names them.
var (
	kernel32                 = syscall.NewLazyDLL("kernel32.dll")
	createJobObject          = kernel32.NewProc("CreateJobObjectW")
	setInformationJobObject  = kernel32.NewProc("SetInformationJobObject")
	assignProcessToJobObject = kernel32.NewProc("AssignProcessToJobObject")
)

const (
	jobObjectExtendedLimitInformation = 9
	jobObjectLimitKillOnJobClose      = 0x2000
	processSetQuota                   = 0x0100
)

// jobLimits is JOBOBJECT_EXTENDED_LIMIT_INFORMATION.
type jobLimits struct {
	perProcessUserTimeLimit int64
	perJobUserTimeLimit     int64
	limitFlags              uint32
	minimumWorkingSetSize   uintptr
	maximumWorkingSetSize   uintptr
	activeProcessLimit      uint32
	affinity                uintptr
	priorityClass           uint32
	schedulingClass         uint32
	ioCounters              [6]uint64
	processMemoryLimit      uintptr
	jobMemoryLimit          uintptr
	peakProcessMemoryUsed   uintptr
	peakJobMemoryUsed       uintptr
}

// newJob puts a process into a job object that ends it when the handle is closed.
func newJob(pid int) (syscall.Handle, error) {
	created, _, err := createJobObject.Call(0, 0)
	if created == 0 {
		return 0, err
	}
	job := syscall.Handle(created)
	if err := fillJob(job, pid); err != nil {
		_ = syscall.CloseHandle(job)
		return 0, err
	}
	return job, nil
}

func fillJob(job syscall.Handle, pid int) error {
	limits := jobLimits{limitFlags: jobObjectLimitKillOnJobClose}
	ok, _, err := setInformationJobObject.Call(uintptr(job), jobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), unsafe.Sizeof(limits))
	if ok == 0 {
		return err
	}
	process, err := syscall.OpenProcess(syscall.PROCESS_TERMINATE|processSetQuota, false, uint32(pid))
	if err != nil {
		return err
	}
	defer func() { _ = syscall.CloseHandle(process) }()
	if ok, _, err := assignProcessToJobObject.Call(uintptr(job), uintptr(process)); ok == 0 {
		return err
	}
	return nil
}
