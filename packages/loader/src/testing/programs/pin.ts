import { open } from '../../index'

/** Loads the object named first, pins it in the directory named second, and sets a variable. Prints where its arena is, and ends. */
const [path = '', directory = '', variable = '', value = '0'] = process.argv.slice(2)
using object = open(path).load()
object.variable(variable).set(Number(value))
object.pin(directory)
process.stdout.write(`0x${object.map('arena', 'arena').address.toString(16)}\n`)
