/* Entries: kernels as Python's callables, from arrays to pointers and back.

An entry knows the ranges of the axes of what a kernel takes and gives. Called with arrays in order, it either runs the
kernel or gives NotImplemented, where an array is not as the kernel reads it: then the caller converts, or says what is
wrong. After the arguments may come what results are written into, an array for each, or None for a new one. It keeps
no state from call to call. */

#define PY_SSIZE_T_CLEAN
#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#include <Python.h>
#include <numpy/arrayobject.h>
#include <numpy/arrayscalars.h>
#include <stddef.h>
#include <stdint.h>

typedef int (*Kernel)(const int64_t *sizes, const void *const *in, void *const *out, int threads);
typedef union { float f; double d; } Number;

/* From this many elements on, a kernel lets other threads of Python run. */
enum { LARGE = 1 << 14 };

typedef struct {
    int order;
    int ranges[NPY_MAXDIMS]; /* the range of each axis */
} Axes;

typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    Kernel kernel;
    int type;                 /* NPY_FLOAT or NPY_DOUBLE */
    int threads;              /* the most that the kernel may start */
    Py_ssize_t n_ranges, n_arguments, n_results, n_outputs;
    int64_t *least, *most;    /* the sizes that a range may have; the least is that of a range that no argument has */
    Axes *arguments, *results;
    PyObject *outputs;        /* the type of several outputs, or None */
    PyObject *keys;           /* what the results after the outputs are called, or None */
} Entry;

/* Whether this process was forked off one that may have run kernels on threads: GNU OpenMP's are not there then, and a
   kernel would wait for them. */
static int is_forked;

/* Tell whether an array has the layout and the order that kernels read, and note its sizes. */
static int fits(const Entry *entry, const Axes *axes, PyObject *given, int64_t *sizes)
{
    if (!PyArray_CheckExact(given))
        return 0;
    PyArrayObject *array = (PyArrayObject *)given;
    if (PyArray_TYPE(array) != entry->type || PyArray_NDIM(array) != axes->order || !PyArray_ISCARRAY_RO(array))
        return 0;
    for (int axis = 0; axis < axes->order; axis++) {
        int range = axes->ranges[axis];
        int64_t size = PyArray_DIM(array, axis);
        if (sizes[range] < 0 && size >= entry->least[range] && size <= entry->most[range])
            sizes[range] = size;
        if (sizes[range] != size)
            return 0;
    }
    return 1;
}

/* Give where the number is that an argument without axes is as a scalar of NumPy's, or NULL. */
static const void *number_of(const Entry *entry, PyObject *given)
{
    if (entry->type == NPY_DOUBLE && Py_IS_TYPE(given, &PyDoubleArrType_Type))
        return &PyArrayScalar_VAL(given, Double);
    if (entry->type == NPY_FLOAT && Py_IS_TYPE(given, &PyFloatArrType_Type))
        return &PyArrayScalar_VAL(given, Float);
    return NULL;
}

static PyObject *number_object(const Entry *entry, const Number *place)
{
    PyObject *number;
    if (entry->type == NPY_DOUBLE) {
        number = PyArrayScalar_New(Double);
        if (number)
            PyArrayScalar_ASSIGN(number, Double, place->d);
    } else {
        number = PyArrayScalar_New(Float);
        if (number)
            PyArrayScalar_ASSIGN(number, Float, place->f);
    }
    return number;
}

static PyObject *new_array(const Entry *entry, const Axes *axes, const int64_t *sizes)
{
    npy_intp shape[NPY_MAXDIMS];
    for (int axis = 0; axis < axes->order; axis++)
        shape[axis] = (npy_intp)sizes[axes->ranges[axis]];
    return PyArray_SimpleNew(axes->order, shape, entry->type);
}

static void release(PyObject **objects, Py_ssize_t count)
{
    for (Py_ssize_t k = 0; k < count; k++)
        Py_XDECREF(objects[k]);
}

/* Group results as the caller gives them on: the outputs, and the others by their keys, or in a tuple without keys. */
static PyObject *grouped(const Entry *entry, PyObject **results)
{
    Py_ssize_t n_others = entry->n_results - entry->n_outputs;
    PyObject *outputs = NULL, *others = NULL, *both = NULL;
    if (entry->n_outputs == 1) {
        outputs = Py_NewRef(results[0]);
    } else if (entry->n_outputs > 1) {
        PyObject *plain = PyTuple_New(entry->n_outputs);
        for (Py_ssize_t k = 0; plain && k < entry->n_outputs; k++)
            PyTuple_SET_ITEM(plain, k, Py_NewRef(results[k]));
        PyObject *arguments = plain ? PyTuple_Pack(1, plain) : NULL;
        outputs = arguments ? PyTuple_Type.tp_new((PyTypeObject *)entry->outputs, arguments, NULL) : NULL;
        Py_XDECREF(arguments);
        Py_XDECREF(plain);
    }
    if (entry->keys == Py_None) {
        others = PyTuple_New(n_others);
        for (Py_ssize_t k = 0; others && k < n_others; k++)
            PyTuple_SET_ITEM(others, k, Py_NewRef(results[entry->n_outputs + k]));
    } else if (n_others) {
        others = PyDict_New();
        for (Py_ssize_t k = 0; others && k < n_others; k++)
            if (PyDict_SetItem(others, PyTuple_GET_ITEM(entry->keys, k), results[entry->n_outputs + k]) < 0)
                Py_CLEAR(others);
    }
    if (PyErr_Occurred()) {
        Py_XDECREF(outputs);
        Py_XDECREF(others);
        return NULL;
    }
    if (!outputs || !others)
        return outputs ? outputs : others;
    both = PyTuple_Pack(2, outputs, others);
    Py_DECREF(outputs);
    Py_DECREF(others);
    return both;
}

static PyObject *call(PyObject *self, PyObject *const *given, size_t n_given, PyObject *names)
{
    const Entry *entry = (const Entry *)self;
    Py_ssize_t n_into = PyVectorcall_NARGS(n_given) - entry->n_arguments;
    if (names || (n_into != 0 && n_into != entry->n_results))
        Py_RETURN_NOTIMPLEMENTED;
    PyObject *const *into = n_into ? given + entry->n_arguments : NULL;

    int64_t sizes[entry->n_ranges + 1];
    Number made[entry->n_results + 1];
    const void *in[entry->n_arguments + 1];
    void *out[entry->n_results + 1];
    PyObject *results[entry->n_results + 1];
    Py_ssize_t work = 0;
    int failed;

    for (Py_ssize_t k = 0; k < entry->n_ranges; k++)
        sizes[k] = -1;
    for (Py_ssize_t k = 0; k < entry->n_arguments; k++) {
        const Axes *axes = &entry->arguments[k];
        in[k] = axes->order == 0 ? number_of(entry, given[k]) : NULL;
        if (in[k])
            continue;
        if (!fits(entry, axes, given[k], sizes))
            Py_RETURN_NOTIMPLEMENTED;
        in[k] = PyArray_DATA((PyArrayObject *)given[k]);
        work += PyArray_SIZE((PyArrayObject *)given[k]);
    }
    for (Py_ssize_t k = 0; k < entry->n_ranges; k++)
        if (sizes[k] < 0)
            sizes[k] = entry->least[k];

    for (Py_ssize_t k = 0; into && k < entry->n_results; k++)
        if (into[k] != Py_None &&
            !(fits(entry, &entry->results[k], into[k], sizes) && PyArray_ISWRITEABLE((PyArrayObject *)into[k])))
            Py_RETURN_NOTIMPLEMENTED;

    for (Py_ssize_t k = 0; k < entry->n_results; k++) {
        const Axes *axes = &entry->results[k];
        if (into && into[k] != Py_None)
            results[k] = Py_NewRef(into[k]);
        else
            results[k] = axes->order ? new_array(entry, axes, sizes) : NULL;
        if (axes->order && !results[k]) {
            release(results, k);
            return NULL;
        }
        out[k] = results[k] ? PyArray_DATA((PyArrayObject *)results[k]) : &made[k];
        work += results[k] ? PyArray_SIZE((PyArrayObject *)results[k]) : 0;
    }

    int threads = is_forked ? 1 : entry->threads;
    if (threads > 1 || work >= LARGE) {
        Py_BEGIN_ALLOW_THREADS
        failed = entry->kernel(sizes, in, out, threads);
        Py_END_ALLOW_THREADS
    } else {
        failed = entry->kernel(sizes, in, out, threads);
    }

    if (failed)
        PyErr_SetString(PyExc_MemoryError, "there is no memory for the intermediate values");
    for (Py_ssize_t k = 0; k < entry->n_results && !PyErr_Occurred(); k++)
        if (!results[k])
            results[k] = number_object(entry, &made[k]);
    PyObject *found = PyErr_Occurred() ? NULL : grouped(entry, results);
    release(results, entry->n_results);
    return found;
}

/* Give the items of a tuple of whole numbers, in memory to be freed. */
static int64_t *numbers_of(PyObject *tuple)
{
    Py_ssize_t count = PyTuple_GET_SIZE(tuple);
    int64_t *numbers = PyMem_New(int64_t, count + 1);
    if (!numbers)
        PyErr_NoMemory();
    for (Py_ssize_t k = 0; numbers && k < count; k++)
        numbers[k] = PyLong_AsLongLong(PyTuple_GET_ITEM(tuple, k));
    return numbers;
}

/* Give the axes of arrays from a tuple of tuples of ranges, in memory to be freed. */
static Axes *axes_of(PyObject *tuple)
{
    Py_ssize_t count = PyTuple_GET_SIZE(tuple);
    Axes *axes = PyMem_New(Axes, count + 1);
    if (!axes)
        PyErr_NoMemory();
    for (Py_ssize_t k = 0; axes && k < count; k++) {
        PyObject *ranges = PyTuple_GET_ITEM(tuple, k);
        axes[k].order = (int)PyTuple_GET_SIZE(ranges);
        for (int axis = 0; axis < axes[k].order; axis++)
            axes[k].ranges[axis] = (int)PyLong_AsLong(PyTuple_GET_ITEM(ranges, axis));
    }
    return axes;
}

static void dealloc(PyObject *self)
{
    Entry *entry = (Entry *)self;
    PyMem_Free(entry->least);
    PyMem_Free(entry->most);
    PyMem_Free(entry->arguments);
    PyMem_Free(entry->results);
    Py_XDECREF(entry->outputs);
    Py_XDECREF(entry->keys);
    Py_TYPE(self)->tp_free(self);
}

/* Entry(address, is_double, arguments, results, least, most, n_outputs, outputs, keys, threads) */
static PyObject *new_entry(PyTypeObject *type, PyObject *given, PyObject *Py_UNUSED(names))
{
    PyObject *address, *arguments, *results, *least, *most, *outputs, *keys;
    Py_ssize_t n_outputs;
    int is_double, threads;
    if (!PyArg_ParseTuple(
            given, "O!pO!O!O!O!nOOi", &PyLong_Type, &address, &is_double, &PyTuple_Type, &arguments, &PyTuple_Type,
            &results, &PyTuple_Type, &least, &PyTuple_Type, &most, &n_outputs, &outputs, &keys, &threads))
        return NULL;
    Entry *entry = (Entry *)type->tp_alloc(type, 0);
    if (!entry)
        return NULL;
    entry->call = call;
    entry->kernel = (Kernel)PyLong_AsVoidPtr(address);
    entry->type = is_double ? NPY_DOUBLE : NPY_FLOAT;
    entry->threads = threads;
    entry->n_ranges = PyTuple_GET_SIZE(least);
    entry->n_arguments = PyTuple_GET_SIZE(arguments);
    entry->n_results = PyTuple_GET_SIZE(results);
    entry->n_outputs = n_outputs;
    entry->least = numbers_of(least);
    entry->most = numbers_of(most);
    entry->arguments = axes_of(arguments);
    entry->results = axes_of(results);
    entry->outputs = Py_NewRef(outputs);
    entry->keys = Py_NewRef(keys);
    if (PyErr_Occurred())
        Py_CLEAR(entry);
    return (PyObject *)entry;
}

static PyObject *note_fork(PyObject *Py_UNUSED(type), PyObject *Py_UNUSED(nothing))
{
    is_forked = 1;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"note_fork", note_fork, METH_NOARGS | METH_STATIC, "Run kernels without threads from now on."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject entry_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "einsgrad_entry.Entry",
    .tp_doc = "A kernel as a callable: it takes arrays in order, and gives NotImplemented where one doesn't fit.",
    .tp_basicsize = sizeof(Entry),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_vectorcall_offset = offsetof(Entry, call),
    .tp_call = PyVectorcall_Call,
    .tp_methods = methods,
    .tp_new = new_entry,
    .tp_dealloc = dealloc,
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "einsgrad_entry", .m_doc = "Kernels as callables.", .m_size = -1,
};

PyMODINIT_FUNC PyInit_einsgrad_entry(void)
{
    import_array();
    if (PyType_Ready(&entry_type) < 0)
        return NULL;
    PyObject *module = PyModule_Create(&definition);
    if (module && PyModule_AddObjectRef(module, "Entry", (PyObject *)&entry_type) < 0)
        Py_CLEAR(module);
    return module;
}
